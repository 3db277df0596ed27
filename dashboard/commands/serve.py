"""``yikezhong serve``: the web service, on this machine's network only as far as the host setting says."""

from __future__ import annotations

import secrets
import webbrowser
from dataclasses import replace
from typing import Any

import click
from waitress.server import create_server

from dashboard import binary
from dashboard.app import create_app
from dashboard.commands.console import Console
from dashboard.commands.demo import publish_sample
from dashboard.commands.spoken import SpokenCommand, say
from geodata.desk import desk_of
from geodata.errors import GeodataError
from geodata.store import current_version, store_name
from layers.live.stepping import stepped
from layers.scenario_source import ScenarioCities


@click.command("serve", cls=SpokenCommand, help="启动网页服务，打印地址，直到被中断。")
@click.option("--host", help="监听的地址；默认取设置")
@click.option("--port", type=click.IntRange(0, 65535), help="监听的端口，0 由系统选择；默认取设置")
@click.option("--demo", is_flag=True, help="仓库为空时先生成示例城市")
@click.option("--open", "browser", is_flag=True, help="用本机浏览器打开")
@click.pass_obj
def command(console: Console, host: str | None, port: int | None, demo: bool, browser: bool) -> None:
    """Serve the dashboard until interrupted."""
    settings = console.settings
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    engine = console.store(create=True)
    if current_version(engine) is None:
        if demo:
            say("数据仓库为空，正在生成示例城市，约需一两分钟。")
            publish_sample(engine)
        else:
            say("数据仓库为空；可用 demo 生成示例城市，或用 import 导入数据。")
    say(f"数据仓库：{store_name(engine)}")
    source = ScenarioCities(engine, max_snap_m=settings.max_snap_m, step=stepped)
    if source() is not None:
        say("正在装载城市、计算步行时间，约需十秒。")
        binary.warm(source).join()
    app = create_app(source, settings, desk=desk_of(engine))
    app.server.secret_key = settings.secret or secrets.token_hex(32)
    try:
        server = create_server(app.server, host=settings.host, port=settings.port, threads=settings.threads)
    except OSError as error:
        raise GeodataError(f"无法在 {settings.host}:{settings.port} 提供服务：{error.strerror}。") from error
    address = f"http://{_name(settings.host)}:{_port(server)}"
    click.echo(address)
    say("服务已启动，按 Ctrl+C 停止。")
    if browser:
        webbrowser.open(address)
    server.run()


def _name(host: str) -> str:
    """Return the host as a browser on this machine would write it."""
    plain = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)
    return f"[{plain}]" if ":" in plain and not plain.startswith("[") else plain


def _port(server: Any) -> int:
    """Return the port that was really taken, also where several addresses are served."""
    port = getattr(server, "effective_port", None) or server.effective_listen[0][1]
    return int(port)
