"""The tests: a mirror of src/isthmus, whole journeys in stories/, one suite per door in contracts/."""
