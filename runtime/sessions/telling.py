"""How far a refine is, for who asks to hear of it: its steps, what is said meanwhile, its end."""

from __future__ import annotations

from livedraft.protocol.messages import Progress, Stage

from .task import Task


def tells(task: Task) -> bool:
    """Whether somebody hears how far a task is."""
    return task.session.tells and task.stage is not Stage.DRAFT and not task.given_up


def tell(task: Task, *, done: bool = False) -> None:
    """Tell what is new of a task, or that nothing more comes of it."""
    sink, way = task.session.sink, task.progress
    if sink is None or way is None or not tells(task):
        return
    step, steps = (0, 0) if way.open_ended else (way.step, way.steps)
    news = step, steps, way.notes
    if news == task.told and not done:
        return
    task.told = news
    sink.progress(
        Progress(
            id=task.id,
            model=task.use.info.id,
            step=step,
            steps=steps,
            notes=list(way.notes),
            done=done,
        )
    )
