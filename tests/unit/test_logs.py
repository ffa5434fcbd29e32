import logging
import re

import pytest

from pielab import logs


def test_a_job_logs_to_its_file_and_to_no_other_afterwards(tmp_path):
    with logs.job(tmp_path / "deep" / "a.log"):
        logs.logger.info("loss %.2f \u00e9", 0.5)
    with logs.job(tmp_path / "b.log"):
        logging.getLogger("pielab").warning("other")
    first = (tmp_path / "deep" / "a.log").read_text(encoding="utf-8")
    assert " INFO loss 0.50 \u00e9\n" in first
    assert re.search(r" INFO done in \d+\.\d s\n\Z", first)
    assert "other" not in first
    assert " WARNING other\n" in (tmp_path / "b.log").read_text()


def test_a_new_attempt_starts_a_new_log(tmp_path):
    for _ in range(2):
        with logs.job(tmp_path / "a.log"):
            logs.logger.info("once")
    assert (tmp_path / "a.log").read_text().count("once") == 1


@pytest.mark.parametrize(
    "error", [ValueError("a.csv:\n bad  thing\n"), OSError("a.csv: bad thing")]
)
def test_an_error_that_the_user_can_mend_ends_the_job_with_one_line(tmp_path, error):
    with pytest.raises(SystemExit) as caught, logs.job(tmp_path / "a.log"):
        raise error
    assert caught.value.code == f"pielab: a.csv: bad thing (log: {tmp_path / 'a.log'})"
    log = (tmp_path / "a.log").read_text()
    assert log.endswith(" ERROR a.csv: bad thing\n")
    assert "Traceback" not in log


def test_any_other_error_is_one_line_with_its_type_and_a_traceback_in_the_log(tmp_path):
    with pytest.raises(SystemExit) as caught, logs.job(tmp_path / "a.log"):
        raise KeyError("x")
    assert caught.value.code == f"pielab: KeyError: 'x' (log: {tmp_path / 'a.log'})"
    assert "Traceback" in (tmp_path / "a.log").read_text()


def test_an_interrupt_is_passed_on_and_the_log_closed(tmp_path):
    with pytest.raises(KeyboardInterrupt), logs.job(tmp_path / "a.log"):
        raise KeyboardInterrupt
    assert logs.logger.handlers == []


def test_a_log_says_why_its_job_failed_and_nothing_if_it_did_not(tmp_path):
    with pytest.raises(SystemExit), logs.job(tmp_path / "a.log"):
        raise ValueError("a.csv: bad thing")
    assert logs.error_in(tmp_path / "a.log") == "a.csv: bad thing"
    with logs.job(tmp_path / "a.log"):
        logs.logger.info("an ERROR that is none")
    assert logs.error_in(tmp_path / "a.log") == ""


def test_a_message_quotes_no_endless_value_and_keeps_long_paths():
    path = "/".join(["folder"] * 60)
    said = logs.one_line(f"{path}: column {'a' * 5000!r}\n occurs 0 times")
    assert said == f"{path}: column '{'a' * 99}… (5,002 characters) occurs 0 times"
    listed = logs.one_line("columns " + ", ".join(f"c{number}" for number in range(5000)))
    assert len(listed) == logs.LONGEST_LINE + 2
    assert listed.endswith(" …")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_long_quoted_value_is_shortened_and_what_is_around_it_stays(quote):
    value = "very good " * 300
    said = logs.one_line(f"a.csv, row 3: {quote}{value}{quote}; expected one of the model's labels")
    assert said.startswith(f"a.csv, row 3: {quote}very good very")
    assert said.endswith("(3,002 characters); expected one of the model's labels")
    assert len(said) < 300


def test_apostrophes_of_a_long_message_are_no_quotes():
    message = "the model's " + "own words " * 30 + "and the dataset's"
    assert logs.one_line(message) == message
