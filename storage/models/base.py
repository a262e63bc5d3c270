"""What all tables share: ids, types, the names of constraints, and how rows point at rows."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): unique, and in the order of creation."""
    return uuid_utils.compat.uuid7()


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
UserId = Annotated[UUID, mapped_column(ForeignKey("users.id", ondelete="CASCADE"))]


def same_user(
    column: str, table: str, *, name: str | None = None, use_alter: bool = False
) -> ForeignKeyConstraint:
    """Point at a row of the same user in `table`, and go when it goes."""
    return ForeignKeyConstraint(
        ["user_id", column],
        [f"{table}.user_id", f"{table}.id"],
        name=name,
        ondelete="CASCADE",
        use_alter=use_alter,
    )


def same_conversation(column: str) -> ForeignKeyConstraint:
    """Point at a message of the same conversation, and go when it goes."""
    return ForeignKeyConstraint(
        ["conversation_id", column],
        ["chat_messages.conversation_id", "chat_messages.id"],
        ondelete="CASCADE",
    )


def one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Let the column have these values only."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


class Base(DeclarativeBase):
    """Declares types and constraint names once for all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB,
    }
