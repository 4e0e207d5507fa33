"""The Python API for asyncio: the same methods as coroutines, which run in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import update_wrapper
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from .api import Repository, open_repository
from .api_arguments import StrPath

P = ParamSpec("P")
T = TypeVar("T")


def _coroutine(
    method: Callable[Concatenate[Repository, P], T],
) -> Callable[Concatenate[AsyncRepository, P], Coroutine[Any, Any, T]]:
    """A method of AsyncRepository that runs a method of Repository in a thread."""

    async def run(self: AsyncRepository, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(method, self._repository, *args, **kwargs)

    update_wrapper(run, method)
    return run


class AsyncRepository:
    """A root and its index, for asyncio. The methods are those of `Repository`, awaited.

    Several tasks may use one object. If a task is cancelled, its request goes on in a thread, and its answer
    is dropped. `observe`, an argument of `update`, is called in a thread.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @property
    def root(self) -> Path:
        """The folder to which the paths of hits are relative."""
        return self._repository.root

    update = _coroutine(Repository.update)
    search = _coroutine(Repository.search)
    grep = _coroutine(Repository.grep)
    similar = _coroutine(Repository.similar)
    continue_ = _coroutine(Repository.continue_)
    locate = _coroutine(Repository.locate)
    related = _coroutine(Repository.related)
    outline = _coroutine(Repository.outline)
    close = _coroutine(Repository.close)

    async def __aenter__(self) -> AsyncRepository:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


class Opening:
    """A repository that is opened when this object is awaited, or entered with `async with`."""

    def __init__(self, path: StrPath, host: bool, settings: dict[str, object]) -> None:
        self._path, self._host, self._settings = path, host, settings
        self._opened: AsyncRepository | None = None

    def __await__(self) -> Generator[Any, None, AsyncRepository]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncRepository:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(self, *exception: object) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _open(self) -> AsyncRepository:
        return AsyncRepository(
            await asyncio.to_thread(open_repository, self._path, host=self._host, **self._settings)
        )


def open_async(path: StrPath = ".", *, host: bool = False, **settings: object) -> Opening:
    """Open a folder as a root: `async with cornea.open_async(".") as repository`, or with `await`.

    The arguments are those of `cornea.open`.
    """
    return Opening(path, host, settings)
