"""Work on clips in this process, one after another."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence

from posecfg.errors import ComponentFailed, ConfigError, NotBuilt, OutputError, PosecfgError
from posecfg.executors.protocol import Event, Finished, Started
from posecfg.pipeline.work import Setup, Work, failed
from posecfg.store.disk import lasting
from posecfg.text import sentence

log = logging.getLogger("posecfg.local")


def run(setup: Setup, works: Sequence[Work], stopping: Callable[[], bool]) -> Iterator[Event]:
    """Yield events until every clip has its outcome, or it is ``stopping``."""
    from posecfg.pipeline.chain import built
    from posecfg.pipeline.clip_task import extract, finish

    try:
        chain = built(setup)
    except PosecfgError:
        raise
    except Exception as error:
        raise ConfigError(f"The chain could not be built ({sentence(error)}).") from error
    destination = setup.destination
    for work in works:
        if stopping():
            return
        yield Started(work.clip.id)
        began, altered = time.time(), list[str]()
        try:
            outcome = finish(chain, destination, extract(chain, destination, work, lambda *_: None), altered)
        except OutputError as error:
            error.altered = tuple(altered)
            raise
        except NotBuilt:
            raise
        except Exception as error:
            if full := lasting(error, destination.root):
                full.altered = tuple(altered)
                raise full from error
            if not isinstance(error, PosecfgError) or isinstance(error, ComponentFailed):
                log.info("clip %s", work.clip.id, exc_info=True)
            outcome = failed(work, error, began, altered)
        yield Finished(work.clip.id, outcome)
