"""The OpenAPI 3.1 document, made of the same declarations that serve the requests.

`document` puts it together, `operations` says what each route takes, `answers` what it gives, and
`examples` shows values of every shape.
"""

from server.kit.openapi.answers import FieldError, Problem
from server.kit.openapi.document import document

__all__ = ["FieldError", "Problem", "document"]
