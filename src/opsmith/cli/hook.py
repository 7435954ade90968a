def add(commands: object) -> None:
    pass
