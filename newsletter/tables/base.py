"""The base of all tables: names of constraints, and the types of columns that all tables share."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Date, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from newsletter.db import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


Big = Annotated[int, mapped_column(BigInteger)]


Short = Annotated[str, mapped_column(String(64))]


Words = Annotated[str, mapped_column(Text)]


Time = Annotated[dt.datetime, mapped_column(UtcDateTime)]


Day = Annotated[dt.date, mapped_column(Date)]


Json = Annotated[Any, mapped_column(JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
