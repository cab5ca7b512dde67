"""The text of attached files; `isthmus worker` asks for files that came before this."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("isthmus_publications", "0003_schedule_zones"),
    ]

    operations = [
        migrations.CreateModel(
            name="FileText",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="file_text",
                        serialize=False,
                        to="isthmus_publications.document",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits to be read"),
                            ("extracted", "Its text is found by search"),
                            ("nothing", "Nothing to be read"),
                            ("refused", "Not read"),
                        ],
                        db_index=True,
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("content_hash", models.CharField(blank=True, db_index=True, max_length=64)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("asked_at", models.DateTimeField()),
                ("n_pages", models.PositiveIntegerField(default=0)),
                ("n_pages_read", models.PositiveIntegerField(default=0)),
                ("text", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "extracted", "nothing", "refused"])),
                        name="isthmus_file_text_state_is_known",
                    )
                ],
            },
        ),
    ]
