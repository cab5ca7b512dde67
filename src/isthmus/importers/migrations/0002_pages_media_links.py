"""Pages, pictures and links of an archive, beside its pieces."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("isthmus_importers", "0001_initial"),
        ("isthmus_publications", "0005_pages_moved_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="importeditem",
            name="links",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="ImportedMedium",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=1000, unique=True)),
                ("is_made_here", models.BooleanField(default=True)),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="isthmus_publications.document",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="isthmus_publications.image",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="media",
                        to="isthmus_importers.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "imported media",
            },
        ),
        migrations.CreateModel(
            name="ImportedPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=120)),
                ("source_id", models.CharField(max_length=500)),
                ("content_hash", models.CharField(max_length=32)),
                ("said_hash", models.CharField(max_length=32)),
                ("status", models.CharField(default="release", max_length=10)),
                ("links", models.JSONField(default=list)),
                ("coming", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("is_made_here", models.BooleanField(default=False)),
                (
                    "page",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported_page",
                        to="isthmus_publications.standardpage",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="isthmus_importers.importrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "source_id"), name="isthmus_page_imported_once")
                ],
            },
        ),
    ]
