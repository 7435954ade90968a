"""python -m agents.pydantic_ai.devops.runner --session ID --task TEXT [--model NAME]"""

from opsmith.cli.worker import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
