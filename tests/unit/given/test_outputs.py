"""Outputs of models that were made elsewhere, matched with the classes of a dataset."""

from pielab.given.outputs import match


def test_classes_that_differ_by_case_alone_get_their_own_outputs():
    described = {"id2label": {0: "us", 1: "US"}}
    assert match(described, 2, ["US", "us"], False, "model") == [1, 0]


def test_names_that_fit_only_without_their_case_still_fit():
    assert match({"id2label": {0: "No", 1: "YES"}}, 2, ["yes", "no"], False, "model") == [1, 0]
