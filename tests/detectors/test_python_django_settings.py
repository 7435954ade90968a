"""What the settings of a Django project tell of variables: switches, defaults that are worked out, files that build on one another."""

from __future__ import annotations

from pathlib import Path

from opsmith.detectors import python
from opsmith.model.survey import BackingService, Component, EnvVar
from opsmith.repo import Repo

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.base")\n'
BASE = """
import environs
env = environs.Env()
INSTALLED_APPS = []
USE_S3 = env.bool("USE_S3", False)
USE_CDN = env.bool("USE_CDN", True)
if USE_S3:
    BUCKET = env("BUCKET")
elif env.bool("OTHER", False):
    OTHER_BUCKET = env("OTHER_BUCKET")
if USE_CDN:
    CDN = env("CDN_HOST")
if not USE_S3:
    FOLDER = env("FOLDER")
CACHE_PASSWORD = env("REDIS_CACHE_PASSWORD", "")
CACHE_HOST = env("REDIS_CACHE_HOST", "localhost")
CACHES = {"default": {"LOCATION": env("REDIS_CACHE_URL", f"redis://:{CACHE_PASSWORD}@{CACHE_HOST}:6379/0")}}
"""


def detected(root: Path, files: dict[str, str]) -> list[Component]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(python.detect(Repo(root)))


def test_variables_that_a_switch_or_the_code_itself_makes_dispensable(tmp_path: Path) -> None:
    (found,) = detected(
        tmp_path,
        {
            "requirements.txt": "django\nredis\n",
            "manage.py": MANAGE,
            "shop/__init__.py": "",
            "shop/settings/base.py": BASE,
            "shop/settings/worker.py": 'from shop.settings.base import *\nINSTALLED_APPS = [*INSTALLED_APPS, "shop"]\nZONE = env("ZONE")\n',
        },
    )
    assert [item for item in found.env if item.name != "DJANGO_SETTINGS_MODULE"] == [
        EnvVar(name="BUCKET", required=False),
        EnvVar(name="CDN_HOST", required=True),
        EnvVar(name="FOLDER", required=True),
        EnvVar(name="OTHER", required=False, default="False"),
        EnvVar(name="OTHER_BUCKET", required=True),
        EnvVar(name="REDIS_CACHE_HOST", required=False, default="localhost"),
        EnvVar(name="REDIS_CACHE_PASSWORD", required=True, secret=True),
        EnvVar(name="REDIS_CACHE_URL", required=False, secret=True),
        EnvVar(name="USE_CDN", required=False, default="True"),
        EnvVar(name="USE_S3", required=False, default="False"),
        EnvVar(name="ZONE", required=True),
    ]
    assert found.backing_services == (
        BackingService(kind="redis", name="redis", env=("REDIS_CACHE_HOST", "REDIS_CACHE_PASSWORD", "REDIS_CACHE_URL")),
    )
    assert found.path == ""


def test_a_project_whose_manage_py_stands_in_the_root_and_has_no_manifest(tmp_path: Path) -> None:
    (found,) = detected(tmp_path, {"manage.py": MANAGE, "shop/__init__.py": "", "shop/settings/base.py": BASE, "blog/views.py": "import os\n"})
    assert (found.path, found.framework) == ("", "django")
