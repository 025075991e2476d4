"""Fields that many answers have, each with an example for the API's description."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, WithJsonSchema

from server.kit.actor import ACCOUNTS, Audience

Id = Annotated[
    str,
    Field(json_schema_extra={"format": "uuid"}, examples=["0198f0a2-6f3b-7c41-9d2e-5b8a17c0e4d6"]),
]
# What a client sends may be any text; one that is no id is not found.
SentId = Annotated[str, Field(max_length=36, examples=["0198f0a2-6f3b-7c41-9d2e-5b8a17c0e4d6"])]
MaybeId = Annotated[Id | None, Field(examples=[None])]
ClinicName = Annotated[str, Field(examples=["Storgatans vårdcentral"])]
PatientName = Annotated[str, Field(examples=["Pia Patient"])]
StaffName = Annotated[str, Field(examples=["Karin Alm"])]
Title = Annotated[str, Field(examples=["Läkare"])]
Reason = Annotated[str, Field(examples=["Feber och hosta sedan tre dagar."])]
Text = Annotated[str, Field(examples=["Hej! Hör du mig?"])]
Note = Annotated[str, Field(examples=["Feber och hosta. Egenvård, åter vid försämring."])]
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
# A space may belong to a password. Which are too easy is for accounts to say.
Password = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=LONGEST_PASSWORD)
]
NewPassword = Annotated[
    str,
    StringConstraints(
        strip_whitespace=False, min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD
    ),
    Field(examples=["tre glada grannar"]),
]
# Whose account it is: guests have none.
AccountAudience = Annotated[
    Audience, WithJsonSchema({"type": "string", "enum": [str(each) for each in ACCOUNTS]})
]
# An instant that in the example is still to come.
NotYet = Annotated[datetime | None, Field(examples=[None])]
Count = Annotated[int, Field(ge=0, examples=[2])]
Version = Annotated[int, Field(ge=0, examples=[3])]
