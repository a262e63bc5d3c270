"""`Idempotency-Key` on every POST that creates, by one kind of route.

A router with `route_class=CreatingRoute` gives it to its routes with status 201 or 202. Not for
`POST /api/chat`, whose message ids do the same and outlive a day.
"""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from api.deps import CurrentUserDep, SuiteDep, TokenDep, UserSessionDep
from api.errors import join_responses, problems
from domain.idempotency import (
    Answer,
    Claim,
    IdempotencyKeyInUseError,
    IdempotencyKeyReusedError,
    claim_key,
    keep_answer,
)

MAX_KEY_LENGTH = 255
# What was created, and what was created and is yet to be done.
CREATING = frozenset({HTTPStatus.CREATED, HTTPStatus.ACCEPTED})

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY_LENGTH,
        description="Any text of your own, new for each thing to create. The same request with "
        "the same key within 24 hours creates nothing and gets the first answer again.",
        examples=["3f0f6f6e-0a51-4f0b-9a3e-5a8d3f4f1c11"],
    ),
]


class AnsweredBeforeError(Exception):
    """The same request has been answered before; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__()


async def claim(
    request: Request,
    session: UserSessionDep,
    user: CurrentUserDep,
    token: TokenDep,
    suite: SuiteDep,
    key: KeyHeader = None,
) -> None:
    """Let the request be worked on, unless it has been answered before."""
    if key is None:
        return
    made = Claim(
        user_id=user.id,
        route=f"{request.method} {request.scope['path']}",
        key=key,
        body=b"\n".join((request.scope["query_string"], await request.body())),
        token=token,
    )
    now = suite.clock()
    if answer := await claim_key(session, made, now=now):
        raise AnsweredBeforeError(answer)

    async def keep(response: Response) -> None:
        answer = Answer(status=response.status_code, body=bytes(response.body))
        await keep_answer(session, made, answer, now=now)

    request.state.keep_answer = keep


class CreatingRoute(APIRoute):
    """A route that takes an `Idempotency-Key` if it creates, and says so in OpenAPI."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add the key to a route that creates."""
        if options.get("status_code") in CREATING:
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(claim)]
            options["responses"] = join_responses(
                options.get("responses"),
                problems(IdempotencyKeyInUseError, IdempotencyKeyReusedError),
            )
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler; it ends before the transaction of `UserSessionDep` commits."""
        answer_anew = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await answer_anew(request)
            except AnsweredBeforeError as before:
                told = before.answer
                return Response(told.body, told.status, media_type="application/json")
            if keep := getattr(request.state, "keep_answer", None):
                await keep(response)
            return response

        return answer
