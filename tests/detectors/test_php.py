"""The PHP detector on small trees, each showing one way in which PHP applications are laid out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opsmith.detectors import node, php
from opsmith.model.survey import Ambiguity, BackingService, Component, EnvVar, Evidence, Runtime
from opsmith.repo import Repo


def write(root: Path, files: dict[str, str]) -> Repo:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Repo(root)


def detect(root: Path, files: dict[str, str]) -> list[Component]:
    return list(php.detect(write(root, files)))


def only(root: Path, files: dict[str, str]) -> Component:
    (component,) = detect(root, files)
    return component


def composer(**requires: str) -> str:
    """`laravel__framework="^11"` requires laravel/framework; `ext_gd` is ext-gd."""
    return json.dumps(
        {"name": "acme/shop", "require": {key.replace("__", "/").replace("_", "-"): value for key, value in requires.items()}}, indent=1
    )


ENTRY = "<?php\nrequire __DIR__.'/../vendor/autoload.php';\n"
LARAVEL = {
    "composer.json": composer(php="^8.2", laravel__framework="^11.0", ext_gd="*"),
    "artisan": "#!/usr/bin/env php\n<?php\n",
    "public/index.php": ENTRY,
    "public/.htaccess": "RewriteEngine On\n",
    "bootstrap/app.php": "<?php\nreturn Application::configure()->withRouting(\n    web: 'routes/web.php',\n    health: '/up',\n)->create();\n",
    "config/database.php": "<?php\nreturn ['default' => env('DB_CONNECTION', 'mysql'), 'connections' => ['mysql' => [\n"
    "'host' => env('DB_HOST', '127.0.0.1'), 'password' => env('DB_PASSWORD', '')]]];\n",
    "config/app.php": "<?php\nreturn ['key' => env('APP_KEY'), 'debug' => (bool) env('APP_DEBUG', false)];\n",
    "database/migrations/2024_create_things.php": "<?php\nreturn new class extends Migration {};\n",
    ".env.example": "APP_KEY=\nDB_CONNECTION=mysql\nDB_HOST=127.0.0.1\nDB_PASSWORD=\n",
}
CHOICES = ("apache2-foreground", "php-fpm", "php artisan serve --host=0.0.0.0 --port=8000")


def test_a_laravel_application(tmp_path: Path) -> None:
    assert only(tmp_path, LARAVEL) == Component(
        name="shop",
        path="",
        role="web",
        language="php",
        framework="laravel",
        package_manager="composer",
        runtime=Runtime(name="php", version="^8.2"),
        install_command="composer install --no-interaction --prefer-dist",
        start_command="apache2-foreground",
        ports=(80,),
        protocol="http",
        health_path="/up",
        migration_command="php artisan migrate --force",
        backing_services=(BackingService(kind="mysql", name="mysql", env=("DB_HOST", "DB_PASSWORD")),),
        env=(
            EnvVar(name="APP_DEBUG", required=False, default="false"),
            EnvVar(name="APP_KEY", required=True, secret=True),
            EnvVar(name="DB_CONNECTION", required=False, default="mysql"),
            EnvVar(name="DB_HOST", required=False, default="127.0.0.1"),
            EnvVar(name="DB_PASSWORD", required=False, secret=True, default=""),
        ),
        manifests=("composer.json",),
        build_packages=("git", "libfreetype6-dev", "libjpeg62-turbo-dev", "libpng-dev", "libwebp-dev", "unzip"),
        runtime_packages=("libfreetype6", "libjpeg62-turbo", "libpng16-16", "libwebp7"),
        traits=("laravel", "apache", "document-root:public", "php-ext:gd", "php-ext:pdo_mysql"),
        evidence={
            "language": (Evidence(file="composer.json", shows="composer.json", confidence=0.95),),
            "framework": (Evidence(file="composer.json", line=5, shows="laravel/framework: ^11.0", confidence=0.95),),
            "runtime": (Evidence(file="composer.json", line=4, shows="require.php: ^8.2", confidence=0.95),),
            "start_command": (Evidence(file="public/.htaccess", shows="rewrite rules for Apache", confidence=0.6),),
            "ports": (Evidence(file="public/index.php", shows="80: the port of a web server by convention, none is stated", confidence=0.5),),
            "health_path": (Evidence(file="bootstrap/app.php", line=4, shows="health: /up", confidence=0.95),),
            "migration_command": (
                Evidence(file="database/migrations/2024_create_things.php", shows="migrations in database/migrations", confidence=0.95),
            ),
            "backing_services": (Evidence(file=".env.example", line=2, shows="DB_CONNECTION=mysql", confidence=0.85),),
            "env": (
                Evidence(file=".env.example", line=1, shows="APP_KEY=", confidence=0.85),
                Evidence(file="config/app.php", line=2, shows="env('APP_KEY')", confidence=0.9),
                Evidence(file="config/app.php", line=2, shows="env('APP_DEBUG', false)", confidence=0.9),
                Evidence(file="config/database.php", line=2, shows="env('DB_CONNECTION', 'mysql')", confidence=0.9),
                Evidence(file="config/database.php", line=3, shows="env('DB_HOST', '127.0.0.1')", confidence=0.9),
                Evidence(file="config/database.php", line=3, shows="env('DB_PASSWORD', '')", confidence=0.9),
            ),
        },
        ambiguities=(
            Ambiguity(
                fact="start_command",
                component="shop",
                choices=CHOICES,
                how_to_decide="set components.shop.start_command and components.shop.ports in opsmith.yaml",
            ),
        ),
    )


def test_a_repository_without_php_has_no_component(tmp_path: Path) -> None:
    assert detect(tmp_path, {"README.md": "hello"}) == []


def test_versions_take_precedence_in_the_documented_order(tmp_path: Path) -> None:
    base = {"composer.json": json.dumps({"require": {"php": ">=8.1"}}), "index.php": "<?php echo 1;\n"}
    platform = json.dumps({"require": {"php": ">=8.1"}, "config": {"platform": {"php": "8.2.10"}}})
    trees = [
        {**base, "composer.json": "{}"},
        base,
        {**base, "composer.json": platform},
        {**base, "composer.json": platform, "mise.toml": '[tools]\nphp = "8.3"\n'},
        {**base, "composer.json": platform, "mise.toml": '[tools]\nphp = "8.3"\n', ".tool-versions": "php 8.3.4\n"},
        {**base, "composer.json": platform, ".tool-versions": "php 8.3.4\n", ".php-version": "8.4\n"},
    ]
    found = [only(tmp_path / str(number), tree).runtime for number, tree in enumerate(trees)]
    assert [item.version for item in found if item] == [None, ">=8.1", "8.2.10", "8.3", "8.3.4", "8.4"]


def test_what_only_development_needs_does_not_count(tmp_path: Path) -> None:
    document = {"require-dev": {"laravel/framework": "^11", "laravel/horizon": "*", "ext-imagick": "*"}}
    found = only(tmp_path, {"composer.json": json.dumps(document), "public/index.php": ENTRY})
    assert (found.framework, found.backing_services, found.traits) == (None, (), ("apache", "document-root:public"))


QUEUED = {"app/Jobs/Import.php": "<?php\nclass Import implements ShouldQueue {\n  function x() { $this->onQueue('imports'); }\n}\n"}


def test_queue_worker_and_scheduler(tmp_path: Path) -> None:
    tree = {**LARAVEL, **QUEUED, "routes/console.php": "<?php\nSchedule::command('reports:send')->daily();\n"}
    tree[".env.example"] += "QUEUE_CONNECTION=redis\nREDIS_HOST=127.0.0.1\n"
    web, queue, scheduler = detect(tmp_path, tree)
    assert web.backing_services[1] == BackingService(kind="redis", name="redis", env=("REDIS_HOST",))
    assert (queue.name, queue.role, queue.start_command) == ("shop-queue", "worker", "php artisan queue:work --queue=imports,default --tries=3")
    assert (queue.ports, queue.protocol, queue.health_path, queue.migration_command, queue.ambiguities) == ((), None, None, None, ())
    assert (scheduler.name, scheduler.role, scheduler.start_command) == ("shop-scheduler", "cron", "php artisan schedule:run")
    assert "schedule:* * * * *" in scheduler.traits
    assert "php-ext:redis" in web.traits


@pytest.mark.parametrize("connection", ["sync", "null"])
def test_a_queue_that_is_worked_off_at_once_has_no_worker(tmp_path: Path, connection: str) -> None:
    tree = {**LARAVEL, **QUEUED, ".env.example": f"QUEUE_CONNECTION={connection}\n", "config/queue.php": "<?php return ['default' => 'sync'];\n"}
    assert len(detect(tmp_path, tree)) == 1


def test_the_queue_of_newer_laravel_is_the_database_by_default(tmp_path: Path) -> None:
    assert [item.name for item in detect(tmp_path, {**LARAVEL, **QUEUED})] == ["shop", "shop-queue"]


def test_horizon_works_off_the_queue_and_a_kernel_schedules(tmp_path: Path) -> None:
    tree = {**LARAVEL, **QUEUED, "composer.json": composer(laravel__framework="^10", laravel__horizon="^5")}
    kernel = "<?php\nclass Kernel {\n  protected function schedule(Schedule $schedule) {\n    $schedule->job(new X)->hourly();\n  }\n}\n"
    tree["app/Console/Kernel.php"] = kernel
    web, horizon, scheduler = detect(tmp_path, tree)
    assert (horizon.start_command, scheduler.start_command) == ("php artisan horizon", "php artisan schedule:run")
    assert [item.kind for item in web.backing_services] == ["mysql", "redis"]
    assert scheduler.evidence["start_command"] == (Evidence(file="app/Console/Kernel.php", line=4, shows="$schedule->job(new X)", confidence=0.9),)


def test_reverb_listens_itself(tmp_path: Path) -> None:
    _, reverb = detect(tmp_path, {**LARAVEL, "composer.json": composer(laravel__framework="^11", laravel__reverb="^1")})
    assert (reverb.role, reverb.start_command, reverb.ports, reverb.protocol) == (
        "web",
        "php artisan reverb:start --host=0.0.0.0 --port=8080",
        (8080,),
        "http",
    )


def test_octane_serves_without_a_question(tmp_path: Path) -> None:
    tree = {**LARAVEL, "composer.json": composer(laravel__framework="^11", laravel__octane="^2")}
    tree["config/octane.php"] = "<?php return ['server' => env('OCTANE_SERVER', 'roadrunner')];\n"
    found = only(tmp_path, tree)
    assert (found.start_command, found.ports, found.ambiguities) == (
        "php artisan octane:start --server=roadrunner --host=0.0.0.0 --port=8000",
        (8000,),
        (),
    )


@pytest.mark.parametrize(
    ("file", "code", "path"),
    [
        ("routes/api.php", "Route::prefix('v1')->group(function () { Route::get('healthz', fn () => 1); });", "/api/v1/healthz"),
        ("routes/web.php", "Route::get('/status', [StatusController::class, 'show']);", "/status"),
        ("routes/web.php", "Route::get('/users', fn () => 1); $client->get('/health', 1);", None),
    ],
)
def test_health_checks_in_routes_of_laravel(tmp_path: Path, file: str, code: str, path: str | None) -> None:
    assert only(tmp_path, {**LARAVEL, "bootstrap/app.php": "<?php\n", file: f"<?php\n{code}\n"}).health_path == path


@pytest.mark.parametrize(
    ("line", "kind"), [("DB_CONNECTION=pgsql", "postgres"), ("DB_CONNECTION=mariadb", "mysql"), ("DB_CONNECTION=sqlsrv", "mssql")]
)
def test_the_connection_of_the_variables_file_goes_before_the_default_in_code(tmp_path: Path, line: str, kind: str) -> None:
    found = only(tmp_path, {**LARAVEL, ".env.example": line + "\n"})
    assert [item.kind for item in found.backing_services] == [kind]


def test_sqlite_is_a_file(tmp_path: Path) -> None:
    found = only(tmp_path, {**LARAVEL, ".env.example": "DB_CONNECTION=sqlite\n"})
    assert (found.backing_services, found.traits[-1]) == ((), "sqlite")


SYMFONY = {
    "composer.json": composer(
        php=">=8.2",
        symfony__framework_bundle="7.1.*",
        doctrine__doctrine_bundle="^2",
        doctrine__doctrine_migrations_bundle="^3",
        symfony__messenger="7.1.*",
    ),
    "bin/console": "#!/usr/bin/env php\n",
    "public/index.php": ENTRY,
    "src/Kernel.php": "<?php\nclass Kernel {}\n",
    "migrations/Version1.php": "<?php\n",
    ".env": 'APP_SECRET=\nDATABASE_URL="postgresql://app:!ChangeMe!@127.0.0.1:5432/app?serverVersion=16&charset=utf8"\n'
    "MESSENGER_TRANSPORT_DSN=amqp://guest:guest@localhost:5672/%2f/messages\n",
    "config/packages/doctrine.yaml": "doctrine:\n    dbal:\n        url: '%env(resolve:DATABASE_URL)%'\n",
    "config/packages/messenger.yaml": "framework:\n    messenger:\n        failure_transport: failed\n        transports:\n"
    "            async: '%env(MESSENGER_TRANSPORT_DSN)%'\n            failed: 'doctrine://default?queue_name=failed'\n            now: 'sync://'\n",
    "config/services.yaml": "parameters:\n    env(PAGE_SIZE): '20'\n    key: '%env(STRIPE_KEY)%'\n    size: '%env(int:PAGE_SIZE)%'\n"
    "    # '%env(REMARK)%'\nwhen@dev:\n    parameters:\n        x: '%env(ONLY_DEV)%'\n",
}


def test_a_symfony_application_with_messenger(tmp_path: Path) -> None:
    web, worker = detect(tmp_path, SYMFONY)
    assert (web.framework, web.start_command, web.ports, web.protocol) == ("symfony", "php-fpm", (9000,), "tcp")
    assert web.backing_services == (
        BackingService(kind="postgres", name="postgres", version="16", env=("DATABASE_URL",)),
        BackingService(kind="rabbitmq", name="rabbitmq", env=("MESSENGER_TRANSPORT_DSN",)),
    )
    assert web.migration_command == "php bin/console doctrine:migrations:migrate --no-interaction"
    assert (worker.name, worker.start_command) == ("shop-messenger", "php bin/console messenger:consume async --time-limit=3600")
    assert [(item.name, item.required, item.secret) for item in web.env] == [
        ("APP_ENV", True, False),
        ("APP_SECRET", True, True),
        ("DATABASE_URL", False, True),
        ("MESSENGER_TRANSPORT_DSN", False, True),
        ("PAGE_SIZE", False, False),
        ("STRIPE_KEY", True, False),
    ]
    assert "ChangeMe" not in str(web)


def test_symfony_builds_assets_schedules_and_answers_a_check(tmp_path: Path) -> None:
    tree = {**SYMFONY, "importmap.php": "<?php return [];\n"}
    tree["composer.json"] = composer(symfony__framework_bundle="7.1.*", symfony__asset_mapper="7.1.*", symfony__scheduler="7.1.*")
    tree["src/Controller/Health.php"] = (
        "<?php\n#[Route('/ops')]\nclass Health {\n  #[Route(path: '/healthz', name: 'h')]\n  public function show() {}\n}\n"
    )
    tree["src/Schedule.php"] = "<?php\n#[AsSchedule('nightly')]\nclass Schedule {}\n"
    web, scheduler = detect(tmp_path, tree)
    assert web.build_command == "php bin/console importmap:install && php bin/console asset-map:compile"
    assert web.health_path == "/ops/healthz"
    assert (scheduler.start_command, "singleton" in scheduler.traits) == (
        "php bin/console messenger:consume scheduler_nightly --time-limit=3600",
        True,
    )


@pytest.mark.parametrize(
    ("files", "command", "ports", "protocol"),
    [
        ({"nginx/default.conf": "server {\n  location ~ \\.php$ {\n    fastcgi_pass app:9000;\n  }\n}\n"}, "php-fpm", (9000,), "tcp"),
        ({"Caddyfile": "{\n\tfrankenphp\n}\n:80 {\n\tphp_server\n}\n"}, "frankenphp run --config Caddyfile", (80,), "http"),
        ({".rr.yaml": "http:\n  address: 0.0.0.0:8085\n"}, "rr serve -c .rr.yaml", (8085,), "http"),
        ({"Procfile": "web: heroku-php-nginx -C nginx.conf public/\n"}, "heroku-php-nginx -C nginx.conf public/", (80,), "http"),
        ({"server.php": "<?php\n$s = new Swoole\\Http\\Server('0.0.0.0', 9501);\n"}, "php server.php", (9501,), "http"),
        (
            {"server.php": "<?php\nuse React\\Http\\HttpServer;\n$s = new React\\Socket\\SocketServer('0.0.0.0:8080');\n"},
            "php server.php",
            (8080,),
            "http",
        ),
    ],
)
def test_the_source_shows_what_serves(tmp_path: Path, files: dict[str, str], command: str, ports: tuple[int, ...], protocol: str) -> None:
    found = only(tmp_path, {"composer.json": composer(slim__slim="^4"), "public/index.php": ENTRY, **files})
    assert (found.start_command, found.ports, found.protocol, found.ambiguities) == (command, ports, protocol, ())


def test_slim_with_its_routes_and_variables(tmp_path: Path) -> None:
    code = (
        "<?php\n$app->group('/api', function ($group) {\n  $group->get('/ping', Ping::class);\n});\n$a = getenv('ONE') ?: 'x';\n"
        "$b = $_ENV['TWO'] ?? 2;\n$c = $_ENV['THREE'] ?? throw new RuntimeException();\n"
        "$d = $_SERVER['HTTP_HOST'];\n$e = getenv('API_KEY') ?: 'hunter2';\n"
    )
    found = only(tmp_path, {"composer.json": composer(slim__slim="^4"), "public/index.php": code})
    assert (found.framework, found.health_path, found.start_command) == ("slim", "/api/ping", "php-fpm")
    assert found.env == (
        EnvVar(name="API_KEY", required=False, secret=True, default="***"),
        EnvVar(name="ONE", required=False, default="x"),
        EnvVar(name="THREE", required=True),
        EnvVar(name="TWO", required=False, default="2"),
    )
    assert "hunter2" not in str(found.env)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("new PDO('mysql:host=db;dbname=shop', 'root', 's3cr3t');", BackingService(kind="mysql", name="mysql", host="db")),
        ('new PDO("pgsql:host=$host;dbname=shop");', BackingService(kind="postgres", name="postgres")),
        ("mysqli_connect('database', 'root', 's3cr3t');", BackingService(kind="mysql", name="mysql", host="database")),
        ("new mysqli(getenv('MYSQL_HOST'), 'root');", BackingService(kind="mysql", name="mysql", env=("MYSQL_HOST",))),
        ("pg_connect('host=store dbname=x');", BackingService(kind="postgres", name="postgres", host="store")),
        ("new Memcached();", BackingService(kind="memcached", name="memcached")),
        ("new MongoDB\\Client('mongodb://mongo:27017');", BackingService(kind="mongodb", name="mongodb", host="mongo")),
    ],
)
def test_plain_php_says_in_its_code_what_it_connects_to(tmp_path: Path, code: str, expected: BackingService) -> None:
    found = only(tmp_path / "site", {"index.php": f"<?php\n{code}\n"})
    assert (found.name, found.framework, found.start_command, found.ports, found.package_manager) == ("site", None, "apache2-foreground", (80,), None)
    assert found.backing_services == (expected,)
    assert "s3cr3t" not in str(found)


def test_a_driver_that_a_variable_chooses(tmp_path: Path) -> None:
    code = "<?php\ndefine('DRIVER', getenv('DB_DRIVER') ?: 'sqlite');\nif (DRIVER == 'mysql') { new PDO('mysql:host=localhost'); }\n"
    found = only(tmp_path, {"index.php": code, "healthcheck.php": "<?php echo 'ok';\n"})
    assert (found.backing_services, found.traits, found.health_path) == ((), ("apache", "sqlite"), "/healthcheck.php")


def test_wordpress_wants_mysql(tmp_path: Path) -> None:
    found = only(tmp_path, {"index.php": "<?php require 'wp-blog-header.php';\n", "wp-load.php": "<?php\n", "wp-config-sample.php": "<?php\n"})
    assert (found.framework, [item.kind for item in found.backing_services], "php-ext:mysqli" in found.traits) == ("wordpress", ["mysql"], True)


@pytest.mark.parametrize(
    ("requires", "files", "framework", "migration"),
    [
        ({"yiisoft__yii2": "2"}, {"yii": "", "web/index.php": ENTRY}, "yii", "php yii migrate --interactive=0"),
        ({"codeigniter4__framework": "4"}, {"spark": "", "public/index.php": ENTRY}, "codeigniter", "php spark migrate --all"),
        (
            {"cakephp__cakephp": "5", "cakephp__migrations": "4"},
            {"bin/cake": "", "webroot/index.php": ENTRY},
            "cakephp",
            "bin/cake migrations migrate",
        ),
        ({"mezzio__mezzio": "3"}, {"public/index.php": ENTRY}, "mezzio", None),
        (
            {"laminas__laminas_mvc": "3", "robmorgan__phinx": "0.1"},
            {"public/index.php": ENTRY, "phinx.php": "<?php"},
            "laminas",
            "vendor/bin/phinx migrate",
        ),
    ],
)
def test_other_frameworks(tmp_path: Path, requires: dict[str, str], files: dict[str, str], framework: str, migration: str | None) -> None:
    found = only(tmp_path, {"composer.json": composer(**requires), **files})
    assert (found.framework, found.migration_command) == (framework, migration)


def test_extensions_of_the_locked_packages(tmp_path: Path) -> None:
    lock = {
        "packages": [{"name": "a/b", "require": {"ext-intl": "*", "ext-json": "*"}}],
        "packages-dev": [{"name": "c/d", "require": {"ext-xdebug": "*"}}],
    }
    found = only(tmp_path, {"composer.json": composer(ext_zip="*"), "composer.lock": json.dumps(lock), "index.php": ENTRY})
    assert (found.traits, found.runtime_packages, found.manifests) == (
        ("apache", "php-ext:intl", "php-ext:zip"),
        ("libicu72", "libzip4"),
        ("composer.json", "composer.lock"),
    )


PACKAGE = json.dumps(
    {"devDependencies": {"vite": "5", "vue": "3"}, "scripts": {"dev": "vite", "build": "vite build", "build:production": "vite build -m p"}}
)


def test_assets_that_node_builds_are_no_second_deployable(tmp_path: Path) -> None:
    repo = write(
        tmp_path, {**LARAVEL, "package.json": PACKAGE, "package-lock.json": "{}", "index.html": "<html>", "vite.config.js": "export default {}"}
    )
    (found,) = php.detect(repo)
    assert list(node.detect(repo)) == []
    assert found.build_command == "npm ci && npm run build:production"
    assert found.manifests == ("composer.json", "package.json", "package-lock.json")
    assert found.traits[-2:] == ("node", "node-manager:npm")


def test_libraries_tests_and_empty_front_controllers_are_no_deployables(tmp_path: Path) -> None:
    tree = {
        "composer.json": json.dumps({"name": "acme/lib", "type": "library", "require": {"php": "^8"}}),
        "src/Lib.php": "<?php\nclass Lib {}\n",
        "tests/app/index.php": ENTRY,
        "plugin/composer.json": json.dumps({"type": "wordpress-plugin"}),
        "plugin/index.php": ENTRY,
    }
    assert detect(tmp_path / "a", tree) == []
    assert detect(tmp_path / "b", {"uploads/index.php": "<?php // Silence is golden.\n", "server.py": "print(1)\n"}) == []


def test_several_applications_of_one_repository(tmp_path: Path) -> None:
    tree = {f"shop/{name}": text for name, text in LARAVEL.items()}
    path = json.dumps({"require": {"slim/slim": "4", "acme/kit": "*"}, "repositories": [{"type": "path", "url": "../kit"}]})
    tree |= {"gate/composer.json": path, "gate/public/index.php": ENTRY, "shop/admin/index.php": ENTRY, "legacy/www/index.php": "<?php echo 1;\n"}
    tree |= {"kit/composer.json": json.dumps({"name": "acme/kit"}), "kit/src/Kit.php": "<?php\n"}
    found = detect(tmp_path, tree)
    assert [(item.name, item.path, item.context, item.framework) for item in found] == [
        ("gate", "gate", "", "slim"),
        ("legacy", "legacy", None, None),
        ("shop", "shop", None, "laravel"),
    ]


def test_broken_and_hostile_files_are_survived(tmp_path: Path) -> None:
    deep = "<?php\n$x = " + "[" * 20_000 + "env('DEEP')" + "]" * 20_000 + ";\n"
    tree = {
        **LARAVEL,
        "config/deep.php": deep,
        "config/torn.php": "<?php\nreturn ['a' => env('TORN",
        "composer.lock": '{"packages": [1, {"name": 5}, {"name": "x/y", "require": []}]}',
        ".env.production": "=\nA\n" + "B" * 5000 + "=1\n\x01=2\n",
        "config/latin.php": "<?php\n// \udce9\n".encode("utf-8", "surrogateescape").decode("latin-1"),
    }
    (found,) = detect(tmp_path, tree)
    assert found.framework == "laravel"
    broken = write(tmp_path / "b", {"composer.json": "{", "public/index.php": ENTRY})
    assert [item.framework for item in php.detect(broken)] == [None]
    assert [(problem.file, problem.manifest) for problem in broken.problems] == [("composer.json", True)]


def test_nothing_is_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    only(
        tmp_path / "x",
        {"index.php": f"<?php\nfile_put_contents('{marker}', 'x');\n", "composer.json": json.dumps({"scripts": {"test": f"touch {marker}"}})},
    )
    assert not marker.exists()


def test_what_is_larger_or_deeper_than_anybody_writes_is_not_walked(tmp_path: Path) -> None:
    tree = {
        **LARAVEL,
        "app/chain.php": "<?php\n$a" + "->get('/health', env('CHAIN'))" * 2_000 + ";\n",
        "app/large.php": "<?php\n" + "env('LARGE');\n" * 9_000,
    }
    found = only(tmp_path, tree)
    assert [item.name for item in found.env] == ["APP_DEBUG", "APP_KEY", "DB_CONNECTION", "DB_HOST", "DB_PASSWORD"]
