"""The form of one subject with the rows of its names and offices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from isthmus.dossiers import actions
from isthmus.dossiers.actions import AliasKept, TitleKept
from isthmus.dossiers.models import Subject
from isthmus.dossiers.models.subjects import MAX_NAME_CHARS
from isthmus.publications.models import Person

_SPARE_ROWS = 3
_MAX_ROWS = 200


class SubjectForm(forms.ModelForm):
    """The subject itself. person: its address among the institute's people, so that no list of thousands is needed."""

    person = forms.CharField(
        required=False, max_length=MAX_NAME_CHARS, label="Page among the institute’s people",
        help_text="Where it is one of them: the last part of that address, such as robert-hale",
    )  # fmt: skip

    class Meta:
        model = Subject
        fields = ["name", "kind", "note", "slug"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"slug": "Address", "note": "Who or what this is"}
        help_texts = {"slug": "Made from the name where empty; a former address leads here."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        if self.instance.person_id:
            self.initial["person"] = self.instance.person.slug

    def clean_person(self) -> Person | None:
        """Raises: ValidationError for an address that is nobody's."""
        slug = self.cleaned_data["person"].strip().strip("/").rpartition("/")[2]
        if not slug:
            return None
        person = Person.objects.filter(slug=slug).first()
        if person is None:
            raise ValidationError(f"Nobody of the institute has the address “{slug}”.")
        return person

    def validate_unique(self) -> None:
        """Two subjects that want one address get a number behind: `actions.keep_subject` sees to it."""


class AliasForm(forms.Form):
    """One name."""

    text = forms.CharField(max_length=MAX_NAME_CHARS, required=False, label="Name")
    companion = forms.CharField(max_length=MAX_NAME_CHARS, required=False, label="Only beside")
    is_ambiguous = forms.BooleanField(required=False, label="Ambiguous")


class TitleForm(forms.Form):
    """One office."""

    text = forms.CharField(max_length=MAX_NAME_CHARS, required=False, label="Office")
    starts_on = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class _Rows(forms.BaseFormSet):
    """Rows of a table, whose fields are told apart by the head of their column and the number of their row."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            label = "Remove" if name == "DELETE" else field.label
            field.widget.attrs["aria-label"] = f"{label}, row {(index or 0) + 1}"


_Aliases = forms.formset_factory(AliasForm, formset=_Rows, extra=_SPARE_ROWS, max_num=_MAX_ROWS, can_delete=True)
_Titles = forms.formset_factory(TitleForm, formset=_Rows, extra=_SPARE_ROWS, max_num=_MAX_ROWS, can_delete=True)


class SubjectEdit:
    """Everything that is edited of a subject at once; what is empty or ticked for removal is not kept."""

    def __init__(self, row: Subject, posted: Any = None) -> None:
        self._row = row
        self.rows_of_aliases = list(row.aliases.all()) if row.pk else []
        aliases = [
            {"text": one.text, "companion": one.companion, "is_ambiguous": one.is_ambiguous}
            for one in self.rows_of_aliases
        ]
        titles = [
            {"text": one.text, "starts_on": one.starts_on, "ends_on": one.ends_on}
            for one in (row.titles.all() if row.pk else [])
        ]
        self.is_posted = posted is not None
        self.form = SubjectForm(posted, instance=row)
        self.aliases = _Aliases(posted, initial=aliases, prefix="alias")
        self.titles = _Titles(posted, initial=titles, prefix="title")

    @property
    def alias_lines(self) -> list[tuple[Any, Any]]:
        """Each form of a name with the row it stands for, None for a new one."""
        rows: list[Any] = [*self.rows_of_aliases]
        forms_ = list(self.aliases)
        return list(zip(forms_, rows + [None] * (len(forms_) - len(rows)), strict=False))

    def is_valid(self) -> bool:
        """Whether there is something to keep."""
        return self.is_posted and all(part.is_valid() for part in (self.form, self.aliases, self.titles))

    def save(self, *, by: Any) -> Subject:
        """Raises: SubjectInvalid."""
        subject = self.form.save(commit=False)
        subject.person = self.form.cleaned_data["person"]
        return actions.keep_subject(
            subject,
            aliases=[AliasKept(one["text"], one["companion"], one["is_ambiguous"]) for one in _kept(self.aliases)],
            titles=[TitleKept(one["text"], one["starts_on"], one["ends_on"]) for one in _kept(self.titles)],
            by=by,
        )


def _kept(rows: Any) -> list[dict[str, Any]]:
    return [one for one in rows.cleaned_data if one.get("text") and not one.get("DELETE")]
