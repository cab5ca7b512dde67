"""A page moved in from another system is found by its old addresses too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("isthmus_publications", "0004_file_texts"),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="formeraddress",
            name="page",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_addresses",
                to=settings.WAGTAIL_PAGE_MODEL,
            ),
        ),
    ]
