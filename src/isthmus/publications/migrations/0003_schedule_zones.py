"""The zones schedules were meant in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("isthmus_publications", "0002_publications"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="expire_zone",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="publication",
            name="go_live_zone",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
    ]
