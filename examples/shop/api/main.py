import os

from fastapi import FastAPI, HTTPException
from prometheus_fastapi_instrumentator import Instrumentator
from sqlalchemy import create_engine, text

from worker import confirm

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"), pool_pre_ping=True)
currency = os.getenv("CURRENCY", "EUR")

app = FastAPI(title="shop")
Instrumentator().instrument(app).expose(app)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/orders/{number}")
def order(number: int) -> dict[str, str | int]:
    with engine.connect() as connection:
        row = connection.execute(text("SELECT number, total FROM orders WHERE number = :number"), {"number": number}).first()
    if row is None:
        raise HTTPException(404)
    return {"number": row.number, "total": f"{row.total} {currency}"}


@app.post("/api/orders", status_code=201)
def place(total: int) -> dict[str, int]:
    with engine.begin() as connection:
        number = connection.execute(text("INSERT INTO orders (total) VALUES (:total) RETURNING number"), {"total": total}).scalar_one()
    confirm.delay(number)
    return {"number": number}
