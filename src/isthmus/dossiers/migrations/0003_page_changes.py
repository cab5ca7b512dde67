"""Number what changes on the pages of dossiers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("isthmus_dossiers", "0002_matched_vocabulary")]

    operations = [
        migrations.CreateModel(
            name="PageChange",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=40)),
            ],
            options={"default_permissions": ()},
        ),
    ]
