from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("isthmus_mailing", "0002_open_deliveries")]

    operations = [
        migrations.AddField(
            model_name="returned",
            name="did",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="returned",
            name="kind",
            field=models.CharField(
                choices=[
                    ("hard", "the address does not exist"),
                    ("soft", "could not be delivered now"),
                    ("complaint", "reported as unwanted"),
                    ("leave", "asked by mail to leave"),
                    ("auto_reply", "automatic reply"),
                    ("notice", "report of no failure"),
                    ("unknown", "not understood"),
                ],
                max_length=12,
            ),
        ),
    ]
