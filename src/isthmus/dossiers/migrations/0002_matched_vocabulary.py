"""Remember the vocabulary that texts were matched with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("isthmus_dossiers", "0001_dossiers")]

    operations = [
        migrations.CreateModel(
            name="MatchedVocabulary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(blank=True, max_length=16)),
                ("entries", models.JSONField(default=list)),
                ("target", models.CharField(blank=True, max_length=16)),
                ("doing", models.JSONField(default=dict)),
                ("done_to", models.PositiveBigIntegerField(default=0)),
            ],
            options={"default_permissions": ()},
        ),
    ]
