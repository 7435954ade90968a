import os

from celery import Celery

queue = Celery("shop", broker=os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0"))


@queue.task
def confirm(number: int) -> None:
    print(f"order {number} confirmed")
