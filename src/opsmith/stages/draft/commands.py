"""Commands as words: what starts a service, what asks it for its health, each in the form that needs least around it."""

from __future__ import annotations

import re
import shlex

from opsmith.model.blueprint import Build, Probe
from opsmith.stages.draft import packed

PROBE_SECONDS = 5


def argv(command: str | None, build: Build) -> tuple[str, ...]:
    """The words of a command, so that signals reach the process; a shell only where the command needs one. Empty for None."""
    if not command:
        return ()
    text = packed.started(_without_package_manager(command, build), build)
    if not re.search(r"[|&;<>$`*?(){}~]|^\w+=", re.sub(r"'[^']*'", "", text)):
        return tuple(shlex.split(text))
    before, separator, last = text.rpartition("&&")
    if not separator and re.search(r"[|;]|^\w+=\S+\s+\w+=", text):
        return ("sh", "-c", text)
    return ("sh", "-c", f"{before}{separator} exec {last.strip()}".strip())


def _without_package_manager(command: str, build: Build) -> str:
    """npm instead of pnpm or yarn: only npm is in every Node image, and running a script is the same with all of them."""
    if build.language != "node":
        return command
    match = re.match(r"(?:pnpm|yarn)(?: run)? ([\w:.-]+)(.*)$", command)
    return f"npm run {match[1]}{match[2]}" if match else command


def health(probe: Probe | None, build: Build) -> tuple[str, ...]:
    """What asks `probe` from inside the image of `build` with the programs that are in it: grpc and tcp by a connection to the port."""
    if probe is None:
        return ()
    url = f"http://127.0.0.1:{probe.port}{probe.path or '/'}"
    seconds = PROBE_SECONDS - 1
    if build.static_dir is not None:
        return ("wget", "--quiet", "--tries=1", "--spider", url)
    match build.language, probe.kind:
        case "python", "http":
            return ("python", "-c", f"import urllib.request as r; r.urlopen('{url}', timeout={seconds})")
        case "python", _:
            return ("python", "-c", f"import socket; socket.create_connection(('127.0.0.1', {probe.port}), {seconds})")
        case "go" | "dotnet", "http":
            return ("/bin/wget", "-q", "-T", str(seconds), "-O", "/dev/null", url)
        case "go" | "dotnet", _:
            return ("/bin/nc", "-z", "-w", str(seconds), "127.0.0.1", str(probe.port))
        case "java", "http":
            # GET: many frameworks have no HEAD for a route of their own.
            return ("wget", "--quiet", "--tries=1", f"--timeout={seconds}", "--output-document=/dev/null", url)
        case "java", _:
            return ("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{probe.port}")
        case "elixir", "http":
            lines = shlex.quote(f"GET {probe.path or '/'} HTTP/1.1")
            asked = f"printf '%s\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' {lines} >&3"
            script = f"exec 3<>/dev/tcp/127.0.0.1/{probe.port} && {asked} && read -r _ code _ <&3 && [[ $code == [23]* ]]"
            return ("timeout", str(seconds), "bash", "-c", script)
        case "elixir", _:
            return ("timeout", str(seconds), "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{probe.port}")
        case "php", "http":
            context = f"stream_context_create(['http' => ['timeout' => {seconds}]])"
            return ("php", "-r", f"exit(@file_get_contents('{url}', false, {context}) === false ? 1 : 0);")
        case "php", _:
            return ("php", "-r", f"exit(@fsockopen('127.0.0.1', {probe.port}, $code, $text, {seconds}) ? 0 : 1);")
        case "ruby", "http":
            # As the kubelet judges: a redirect, as `force_ssl` gives it, is an answer too.
            request = (
                f"Net::HTTP.start('127.0.0.1', {probe.port}, open_timeout: {seconds}, read_timeout: {seconds}) {{ _1.get('{probe.path or '/'}') }}"
            )
            return ("ruby", "-rnet/http", "-e", f"exit {request}.code.to_i.between?(200, 399)")
        case "ruby", _:
            return ("ruby", "-rsocket", "-e", f"Socket.tcp('127.0.0.1', {probe.port}, connect_timeout: {seconds}).close")
        case _, "http":
            return (_js(build), "-e", f"fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))")
        case _:
            script = f"require('net').connect({probe.port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"
            return (_js(build), "-e", script)


def _js(build: Build) -> str:
    return "bun" if build.package_manager == "bun" else "node"
