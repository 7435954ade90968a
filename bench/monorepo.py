"""A made-up monorepo of any size: the same bytes each time, 5 services to 1 000 files, the rest documents, assets, tests and YAML."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

EDGES = 8
"""Every how many-th module declares routes and reads the environment; the others are plain logic."""

FASTAPI_MAIN = """\
import os

import uvicorn
from fastapi import FastAPI
from prometheus_client import make_asgi_app

from app import module_{n}_0, settings

app = FastAPI()
app.include_router(module_{n}_0.router)
app.mount("/metrics", make_asgi_app())


@app.get("/health")
def health() -> dict[str, str]:
    return {{"status": "ok"}}


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8{n:03d}")))
"""

FASTAPI_MODULE = """\
import logging
import os
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import database, models

router = APIRouter(prefix="/things-{m}")
log = logging.getLogger(__name__)
LIMIT = int(os.getenv("THINGS_LIMIT_{m}", "100"))


@dataclass(frozen=True)
class Page:
    number: int
    size: int = LIMIT

    @property
    def offset(self) -> int:
        return self.number * self.size


@router.get("/")
def things(page: int = 0, session: Session = Depends(database.session)) -> list[models.Thing]:
    wanted = Page(page)
    log.info("page %s", wanted.number)
    return list(session.scalars(select(models.Thing).offset(wanted.offset).limit(wanted.size)))


@router.get("/{{key}}")
def thing(key: int, session: Session = Depends(database.session)) -> models.Thing | None:
    return session.get(models.Thing, key)


@router.post("/")
def add(name: str, session: Session = Depends(database.session)) -> models.Thing:
    made = models.Thing(name=name)
    session.add(made)
    session.commit()
    return made
"""

PYTHON_PLAIN = """\
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    key: str
    amount: int
    price: Decimal


@dataclass
class Basket{m}:
    lines: list[Line] = field(default_factory=list)

    def add(self, key: str, amount: int, price: Decimal) -> None:
        if amount <= 0:
            raise ValueError(f"{{key}}: nothing to add")
        self.lines.append(Line(key, amount, price))

    def total(self) -> Decimal:
        return sum((line.amount * line.price for line in self.lines), Decimal(0))


def cheapest(lines: Iterable[Line]) -> Line | None:
    return min(lines, key=lambda line: line.price, default=None)


def grouped(lines: Iterable[Line]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {{}}
    for line in lines:
        groups.setdefault(line.key, []).append(line)
    return groups


def discounted(total: Decimal, percent: int) -> Decimal:
    return (total * (100 - percent) / 100).quantize(Decimal("0.01"))
"""

PYPROJECT = """\
[project]
name = "orders-{n}"
version = "1.{n}.0"
requires-python = ">=3.12"
dependencies = ["fastapi==0.115.0", "uvicorn[standard]==0.30.6", "sqlalchemy==2.0.35", "psycopg[binary]==3.2.3", "prometheus-client==0.21.0"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

PACKAGE = """\
{{
  "name": "@shop/gateway-{n}",
  "version": "2.{n}.0",
  "private": true,
  "engines": {{ "node": ">=22" }},
  "scripts": {{ "build": "tsc -p .", "start": "node dist/index.js", "test": "vitest run" }},
  "dependencies": {{ "express": "4.21.0", "pino": "9.4.0", "ioredis": "5.4.1", "zod": "3.23.8" }},
  "devDependencies": {{ "typescript": "5.6.2", "vitest": "2.1.1", "@types/express": "4.17.21" }}
}}
"""

EXPRESS_MAIN = """\
import express from "express";
import Redis from "ioredis";
import {{ things }} from "./module_{n}_0";

const app = express();
const redis = new Redis(process.env.REDIS_URL ?? "redis://localhost:6379");
const port = Number(process.env.PORT ?? 3{n:03d});

app.use("/things", things(redis));
app.get("/healthz", (_request, response) => response.send("ok"));
app.listen(port, () => console.log(`listening on ${{port}}`));
"""

EXPRESS_MODULE = """\
import {{ Router, type Request, type Response }} from "express";
import type Redis from "ioredis";
import {{ z }} from "zod";

const Thing = z.object({{ key: z.string(), name: z.string().min(1), amount: z.number().int().nonnegative() }});
export type Thing = z.infer<typeof Thing>;

const lifetime = Number(process.env.LIFETIME_{m} ?? "60");

async function load(redis: Redis, key: string): Promise<Thing | undefined> {{
  const text = await redis.get(`thing:${{key}}`);
  return text === null ? undefined : Thing.parse(JSON.parse(text));
}}

export function things(redis: Redis): Router {{
  const router = Router();
  router.get("/:key", async (request: Request, response: Response) => {{
    const found = await load(redis, request.params.key);
    if (found === undefined) {{
      response.status(404).json({{ error: "no such thing" }});
      return;
    }}
    response.json(found);
  }});
  router.put("/:key", async (request: Request, response: Response) => {{
    const thing = Thing.parse(request.body);
    await redis.set(`thing:${{thing.key}}`, JSON.stringify(thing), "EX", lifetime);
    response.status(204).end();
  }});
  return router;
}}
"""

NODE_PLAIN = """\
export interface Line {{
  readonly key: string;
  readonly amount: number;
  readonly price: number;
}}

export class Basket{m} {{
  private readonly lines: Line[] = [];

  add(line: Line): void {{
    if (line.amount <= 0) {{
      throw new Error(`${{line.key}}: nothing to add`);
    }}
    this.lines.push(line);
  }}

  total(): number {{
    return this.lines.reduce((sum, line) => sum + line.amount * line.price, 0);
  }}
}}

export function grouped(lines: readonly Line[]): Map<string, Line[]> {{
  const groups = new Map<string, Line[]>();
  for (const line of lines) {{
    const group = groups.get(line.key) ?? [];
    group.push(line);
    groups.set(line.key, group);
  }}
  return groups;
}}

export const discounted = (total: number, percent: number): number => Math.round(total * (100 - percent)) / 100;
"""

GO_MOD = """\
module example.com/shop/stock{n}

go 1.24

require github.com/jackc/pgx/v5 v5.7.1
"""

GO_MAIN = """\
package main

import (
	"log"
	"net/http"
	"os"

	"example.com/shop/stock{n}/internal/part0"
)

func main() {{
	port := os.Getenv("PORT")
	if port == "" {{
		port = "9{n:03d}"
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {{ w.WriteHeader(http.StatusOK) }})
	mux.Handle("/stock", part0.Handler(os.Getenv("DATABASE_URL")))
	log.Fatal(http.ListenAndServe(":"+port, mux))
}}
"""

GO_MODULE = """\
package part{m}

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
)

type Item struct {{
	Key    string    `json:"key"`
	Amount int       `json:"amount"`
	Seen   time.Time `json:"seen"`
}}

func load(ctx context.Context, url string, key string) (Item, error) {{
	connection, err := pgx.Connect(ctx, url)
	if err != nil {{
		return Item{{}}, err
	}}
	defer connection.Close(ctx)
	item := Item{{Key: key}}
	err = connection.QueryRow(ctx, "select amount, seen from stock where key = $1", key).Scan(&item.Amount, &item.Seen)
	return item, err
}}

func Handler(url string) http.Handler {{
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {{
		item, err := load(r.Context(), url, r.URL.Query().Get("key"))
		if err != nil {{
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}}
		_ = json.NewEncoder(w).Encode(item)
	}})
}}
"""

GO_PLAIN = """\
package part{m}

import (
	"errors"
	"sort"
)

var ErrEmpty = errors.New("nothing to add")

type Line struct {{
	Key    string
	Amount int
	Price  int64
}}

type Basket struct {{
	lines []Line
}}

func (b *Basket) Add(line Line) error {{
	if line.Amount <= 0 {{
		return ErrEmpty
	}}
	b.lines = append(b.lines, line)
	return nil
}}

func (b *Basket) Total() int64 {{
	var total int64
	for _, line := range b.lines {{
		total += int64(line.Amount) * line.Price
	}}
	return total
}}

func Sorted(lines []Line) []Line {{
	sorted := append([]Line(nil), lines...)
	sort.Slice(sorted, func(i, j int) bool {{ return sorted[i].Price < sorted[j].Price }})
	return sorted
}}
"""

TEST = """\
def test_thing_{m}() -> None:
    assert sorted([3, {m}, 1]) == sorted([1, 3, {m}])
"""

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags-{m}
data:
  feature-{m}: "on"
  limits: |
    requests: {m}
    burst: 20
"""

DOCUMENT = "# Note {m}\n\n" + "What was decided, and why. The service reads its port from the environment.\n" * 20

ASSET = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {m} 10"><path d="M0 0h{m}v10H0z"/></svg>\n'


def write(root: Path, files: int) -> None:
    """Fill `root` with exactly `files` files."""
    made: set[Path] = set()
    for name, text in islice(_files(), files):
        path = root / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_text(text, encoding="utf-8")


def _files() -> Iterator[tuple[str, str]]:
    for block in count():
        number = block % 900
        for half in range(2):
            yield from _python(f"teams/team{block:03d}/orders{half}", number)
            yield from _node(f"teams/team{block:03d}/gateway{half}", number)
        yield from _go(f"teams/team{block:03d}/stock", number)
        yield from _others(f"teams/team{block:03d}")


def _python(folder: str, n: int) -> Iterator[tuple[str, str]]:
    """100 files."""
    yield f"{folder}/pyproject.toml", PYPROJECT.format(n=n)
    yield f"{folder}/app/main.py", FASTAPI_MAIN.format(n=n)
    yield f"{folder}/app/settings.py", f'import os\n\nDATABASE_URL = os.environ["DATABASE_URL"]\nREGION = "{n}"\n'
    for m in range(77):
        yield f"{folder}/app/module_{n}_{m}.py", (FASTAPI_MODULE if m % EDGES == 0 else PYTHON_PLAIN).format(m=m)
    for m in range(20):
        yield f"{folder}/tests/test_{m}.py", TEST.format(m=m)


def _node(folder: str, n: int) -> Iterator[tuple[str, str]]:
    """100 files."""
    yield f"{folder}/package.json", PACKAGE.format(n=n)
    yield f"{folder}/tsconfig.json", '{ "compilerOptions": { "outDir": "dist", "rootDir": "src", "strict": true } }\n'
    yield f"{folder}/src/index.ts", EXPRESS_MAIN.format(n=n)
    for m in range(97):
        yield f"{folder}/src/module_{n}_{m}.ts", (EXPRESS_MODULE if m % EDGES == 0 else NODE_PLAIN).format(m=m)


def _go(folder: str, n: int) -> Iterator[tuple[str, str]]:
    """100 files."""
    yield f"{folder}/go.mod", GO_MOD.format(n=n)
    yield f"{folder}/cmd/stock/main.go", GO_MAIN.format(n=n)
    for m in range(98):
        yield f"{folder}/internal/part{m}/part{m}.go", (GO_MODULE if m % EDGES == 0 else GO_PLAIN).format(m=m)


def _others(folder: str) -> Iterator[tuple[str, str]]:
    """500 files."""
    for m in range(200):
        yield f"{folder}/docs/note-{m}.md", DOCUMENT.format(m=m)
    for m in range(150):
        yield f"{folder}/assets/shape-{m}.svg", ASSET.format(m=m)
    for m in range(100):
        yield f"{folder}/config/flags-{m}.yaml", MANIFEST.format(m=m)
    for m in range(50):
        yield f"{folder}/e2e/test_flow_{m}.py", TEST.format(m=m)
