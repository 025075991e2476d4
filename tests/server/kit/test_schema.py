"""Column types: instants come back as they were, and sort."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from server.kit.schema import UtcDateTime


@given(st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.builds(
        timezone, st.timedeltas(min_value=timedelta(hours=-12), max_value=timedelta(hours=12))
    ),
))  # fmt: skip
@pytest.mark.property
def test_instants_come_back_as_they_were_and_sort(moment: datetime) -> None:
    dialect = sa.create_engine("sqlite://").dialect
    column = UtcDateTime()
    stored = column.process_bind_param(moment, dialect)
    assert isinstance(stored, str)
    assert column.process_result_value(stored, dialect) == moment
    if moment.year < 9999:
        later = column.process_bind_param(moment + timedelta(microseconds=1), dialect)
        assert isinstance(later, str)
        assert stored < later


def test_a_naive_instant_is_refused() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001
