"""Processes that are started as files: Streamlit, Gradio, Chainlit, NiceGUI, gRPC servers, bots, and loops that never end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from opsmith.detectors.python import ports
from opsmith.detectors.python.app import App, inside, script_command
from opsmith.detectors.python.source import Module, Source, argument, text_of
from opsmith.detectors.python.values import resolve
from opsmith.model.survey import Evidence

_STREAMLIT_PAGE_CALLS = frozenset(
    (
        "title", "header", "write", "set_page_config", "sidebar", "markdown", "text_input", "button", "chat_input", "file_uploader", "navigation",
        "columns", "tabs", "image", "container", "selectbox", "chat_message", "form",
    )
)  # fmt: skip
_ENDLESS_CALLS = ("start_consuming", "run_forever", "run_polling", "infinity_polling", "start_polling", "serve_forever", "idle")


def find(source: Source) -> list[App]:
    return [*_streamlit(source), *_own_servers(source), *_grpc(source)]


# -- Streamlit ---------------------------------------------------------------------------------------------------------------------------


def _streamlit(source: Source) -> Iterator[App]:
    """Every script that draws a page and is neither a page of a multipage app nor imported by another script."""
    scripts = [module for module in source.modules() if _draws(module)]
    imported = {path for module in scripts for path in source.reachable(module.path) - {module.path}}
    pages = {path for module in scripts for path in _listed_pages(module)}
    entries = [m for m in scripts if m.path not in imported and m.path not in pages and "pages" not in m.path.split("/")]
    for module in entries:
        yield _streamlit_app(source, module, alone=len(entries) == 1)


def _draws(module: Module) -> bool:
    if "streamlit" not in (name.partition(".")[0] for name in module.names.values()):
        return False
    return any(module.called(call).startswith("streamlit.") and module.called(call).split(".")[1] in _STREAMLIT_PAGE_CALLS for call in module.calls)


def _listed_pages(module: Module) -> Iterator[str]:
    """Files given to st.Page(...)."""
    folder = module.path.rpartition("/")[0]
    for call in module.calls:
        name = text_of(argument(call, "page", 0)) if module.called(call) == "streamlit.Page" else None
        if name:
            yield f"{folder}/{name}" if folder else name


def _streamlit_app(source: Source, module: Module, *, alone: bool) -> App:
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    port = _streamlit_port(source) or ports.in_documents(source, module)
    number = port.number if port else 8501
    script = inside(source, module.path)
    app = App(
        label=stem,
        role="web",
        framework="streamlit",
        entry=module,
        start_command=f"streamlit run {script} --server.port={number} --server.address=0.0.0.0 --server.headless=true",
        ports=(number,),
        protocol="http",
        health_path="/_stcore/health",
        primary=alone,
    )
    at = next((call for call in module.calls if module.called(call).startswith("streamlit.")), None)
    app.note("framework", module.evidence(at, "a Streamlit script", 0.95))
    app.note("start_command", module.evidence(at, "a Streamlit script", 0.9))
    app.note("ports", port.evidence if port else module.evidence(None, "Streamlit's default, 8501: no port is stated", 0.6))
    app.note("health_path", module.evidence(at, "Streamlit serves /_stcore/health", 0.9))
    return app


def _streamlit_port(source: Source) -> ports.Port | None:
    path = f"{source.root}/.streamlit/config.toml" if source.root else ".streamlit/config.toml"
    document = (source.repo.toml(path) if source.repo.has(path) else None) or {}
    server = document.get("server")
    number = cast("dict[str, object]", server).get("port") if isinstance(server, dict) else None
    if not isinstance(number, int) or not 0 < number < 65536:
        return None
    return ports.Port(number, None, Evidence(file=path, line=source.repo.line_of(path, "port"), shows=f"server.port = {number}", confidence=0.9))


# -- interfaces that serve themselves ----------------------------------------------------------------------------------------------------

_SELF_SERVING = {"gradio": ("launch", 7860), "nicegui": ("run", 8080)}


def _own_servers(source: Source) -> Iterator[App]:
    for module in source.modules():
        tops = {name.partition(".")[0] for name in module.names.values()}
        if "chainlit" in tops and any(node.decorator_list for node in module.functions.values()):
            yield _chainlit(source, module)
        for framework, (method, default) in _SELF_SERVING.items():
            call = next((call for call in module.calls if _is_method(module, call, framework, method)), None) if framework in tops else None
            if call is not None:
                yield _self_serving(source, module, framework, call, default)


def _is_method(module: Module, call: ast.Call, framework: str, method: str) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != method:
        return False
    return framework == "gradio" or module.called(call).startswith(f"{framework}.")


def _self_serving(source: Source, module: Module, framework: str, call: ast.Call, default: int) -> App:
    value = resolve(source, module, argument(call, "server_port") or argument(call, "port"))
    number = value.number or default
    env = value.env or ("GRADIO_SERVER_PORT" if framework == "gradio" and value.number is None else None)
    command = script_command(source, module)
    bound = resolve(source, module, argument(call, "server_name")).text
    if framework == "gradio" and bound is None:
        command = f"env GRADIO_SERVER_NAME=0.0.0.0 {command}"
    app = _script_app(module, framework, call, command)
    app.ports, app.port_env, app.protocol = (number,), env, "http"
    stated = f"listens on {number}" if value.number else f"{framework}'s default, {number}: no port is stated"
    app.note("ports", module.evidence(call, stated, 0.9 if value.number else 0.6))
    return app


def _chainlit(source: Source, module: Module) -> App:
    port = ports.in_documents(source, module)
    number = port.number if port else 8000
    command = f"chainlit run {inside(source, module.path)} --host 0.0.0.0 --port {number} --headless"
    app = _script_app(module, "chainlit", None, command)
    app.ports, app.protocol = (number,), "http"
    app.note("ports", port.evidence if port else module.evidence(None, "Chainlit's default, 8000: no port is stated", 0.6))
    return app


def _script_app(module: Module, framework: str, at: ast.AST | None, command: str) -> App:
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    app = App(label=stem, role="web", framework=framework, entry=module, start_command=command)
    app.note("framework", module.evidence(at, f"a {framework} script", 0.95))
    app.note("start_command", module.evidence(at or module.main_guard, f"a {framework} script", 0.85))
    return app


# -- gRPC --------------------------------------------------------------------------------------------------------------------------------


def _grpc(source: Source) -> Iterator[App]:
    servers = [module for module in source.modules() if any(module.called(call) in ("grpc.server", "grpc.aio.server") for call in module.calls)]
    for module in servers:
        yield _grpc_app(source, module, alone=len(servers) == 1)


def _grpc_app(source: Source, module: Module, *, alone: bool) -> App:
    made = next(call for call in module.calls if module.called(call) in ("grpc.server", "grpc.aio.server"))
    entry = _entry_for(source, module)
    app = _script_app(entry, "grpc", made if entry is module else entry.main_guard, script_command(source, entry))
    app.protocol, app.primary = "grpc", alone
    for call in module.calls:
        name = module.called(call).rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
        if name in ("add_insecure_port", "add_secure_port") and call.args and not app.ports:
            value = resolve(source, module, call.args[0])
            number = (value.text or "").rpartition(":")[2]
            if number.isascii() and number.isdigit() and 0 < int(number) < 65536:
                app.ports, app.port_env = (int(number),), value.env
                app.note("ports", module.evidence(call, f"listens on {number}" + (f", or what {value.env} says" if value.env else ""), 0.95))
        if name == "add_HealthServicer_to_server" and app.health_path is None:
            app.health_path = "grpc"
            app.note("health_path", module.evidence(call, "registers the gRPC health service", 0.95))
    return app


def _entry_for(source: Source, module: Module) -> Module:
    if module.main_guard is not None:
        return module
    users = [item for item in source.modules() if item.main_guard is not None and module.path in source.reachable(item.path)]
    return min(users, key=lambda item: (item.path.count("/"), item.path), default=module)


# -- loops -------------------------------------------------------------------------------------------------------------------------------


def find_loops(source: Source) -> list[App]:
    """Programs of a project without any server that never end by themselves: consumers, bots, pollers."""
    endless = [module for module in source.modules() if _never_ends(module)]
    entries = [module for module in endless if module.main_guard is not None or _runs_on_import(module)]
    folder_depth = min((module.path.count("/") for module in entries), default=0)
    near = [module for module in entries if module.path.count("/") == folder_depth]
    return [_loop(source, module, alone=len(near) == 1) for module in near]


def _never_ends(module: Module) -> bool:
    return any(_is_endless(node) for node in module.of(ast.While)) or any(_consumes(module, call) for call in module.calls)


def _is_endless(node: ast.While) -> bool:
    """`while True` without a way out of its own body other than an error."""
    if not (isinstance(node.test, ast.Constant) and node.test.value):
        return False
    return not any(isinstance(child, (ast.Break, ast.Return)) for child in ast.walk(node))


def _consumes(module: Module, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in _ENDLESS_CALLS:
        return True
    return call.func.attr == "run" and any(
        name.startswith(("discord", "pyrogram", "slack_bolt", "nextcord", "disnake")) for name in module.names.values()
    )


def _runs_on_import(module: Module) -> bool:
    loops = [node for node in module.of(ast.While) if _is_endless(node)]
    calls = [call for call in module.calls if _consumes(module, call)]
    return any(module.function_of(node) is None for node in (*loops, *calls))


def _loop(source: Source, module: Module, *, alone: bool) -> App:
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    app = App(label=stem, role="worker", framework=None, entry=module, start_command=script_command(source, module), primary=alone)
    app.note("start_command", module.evidence(module.main_guard, "a program with a loop that does not end", 0.7))
    return app
