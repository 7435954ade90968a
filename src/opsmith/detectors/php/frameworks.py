"""Frameworks and applications by the packages and files that they leave, and how each of them migrates."""

from __future__ import annotations

import re
from collections.abc import Mapping

from opsmith.detectors.php import laravel, symfony
from opsmith.detectors.php.project import Project
from opsmith.model.survey import Evidence

_BY_PACKAGE: Mapping[str, str] = {
    "slim/slim": "slim", "codeigniter4/framework": "codeigniter", "codeigniter/framework": "codeigniter", "yiisoft/yii2": "yii",
    "yiisoft/yii-web": "yii",
    "cakephp/cakephp": "cakephp", "mezzio/mezzio": "mezzio", "laminas/laminas-mvc": "laminas", "zendframework/zend-mvc": "laminas",
    "drupal/core": "drupal", "drupal/core-recommended": "drupal", "roots/wordpress": "wordpress", "johnpbloch/wordpress": "wordpress",
    "johnpbloch/wordpress-core": "wordpress", "magento/product-community-edition": "magento", "hyperf/framework": "hyperf",
    "hyperf/http-server": "hyperf",
    "workerman/webman-framework": "webman", "bcosca/fatfree-core": "fatfree", "bcosca/fatfree": "fatfree", "mikecao/flight": "flight",
    "flightphp/core": "flight",
    "leafs/leaf": "leaf", "spiral/framework": "spiral", "nette/application": "nette", "phalcon/cphalcon": "phalcon", "topthink/framework": "thinkphp",
    "typo3/cms-core": "typo3", "craftcms/cms": "craft", "getkirby/cms": "kirby", "shopware/core": "symfony", "silverstripe/framework": "silverstripe",
    "joomla/application": "joomla", "league/route": "league-route", "contao/manager-bundle": "symfony",
}  # fmt: skip
_BY_FILE: tuple[tuple[str, str], ...] = (
    ("wp-load.php", "wordpress"), ("wp-settings.php", "wordpress"), ("spark", "codeigniter"), ("system/core/CodeIgniter.php", "codeigniter"),
    ("craft", "craft"), ("think", "thinkphp"), ("configuration.php-dist", "joomla"), ("core/lib/Drupal.php", "drupal"),
)  # fmt: skip

Named = tuple[str | None, tuple[Evidence, ...]]


def framework(project: Project) -> Named:
    """The framework with where it shows; None for plain PHP."""
    composer = project.composer
    if composer is not None:
        named = laravel.is_laravel(project)
        if named is not None:
            return named, (composer.evidence("laravel/framework" if named == "laravel" else "laravel/lumen-framework"),)
        if symfony.is_symfony(project):
            package = project.requires("symfony/framework-bundle", "symfony/symfony", "symfony/http-kernel") or ""
            return "symfony", (composer.evidence(package),)
        for package, name in _BY_PACKAGE.items():
            if package in composer.requires:
                return name, (composer.evidence(package),)
    for file, name in _BY_FILE:
        if project.has(file):
            return name, (Evidence(file=project.path(file), shows=f"{file}: a file of {name}", confidence=0.85),)
    return None, ()


_TOOLS: tuple[tuple[str, str, str], ...] = (
    ("yiisoft/yii2", "yii", "php yii migrate --interactive=0"),
    ("codeigniter4/framework", "spark", "php spark migrate --all"),
    ("cakephp/migrations", "bin/cake", "bin/cake migrations migrate"),
    ("robmorgan/phinx", "phinx.php", "vendor/bin/phinx migrate"),
    ("robmorgan/phinx", "phinx.yml", "vendor/bin/phinx migrate"),
    ("robmorgan/phinx", "phinx.json", "vendor/bin/phinx migrate"),
    ("doctrine/migrations", "migrations.php", "vendor/bin/doctrine-migrations migrate --no-interaction"),
    ("doctrine/migrations", "migrations.yml", "vendor/bin/doctrine-migrations migrate --no-interaction"),
    ("drush/drush", "composer.json", "vendor/bin/drush updatedb --yes"),
    ("hyperf/database", "bin/hyperf.php", "php bin/hyperf.php migrate --force"),
)


def migration(project: Project, named: str | None) -> tuple[str, Evidence] | None:
    """What prepares the database before a release."""
    if named in ("laravel", "lumen"):
        return laravel.migration(project)
    if named == "symfony":
        return symfony.migration(project)
    for package, file, command in _TOOLS:
        if project.composer is not None and project.requires(package) and project.has(file):
            return command, project.composer.evidence(package)
    return _script(project)


def _script(project: Project) -> tuple[str, Evidence] | None:
    """A script of composer.json that is named so."""
    composer = project.composer
    name = next((name for name in composer.scripts if re.fullmatch(r"(?:db:|database:)?migrat(?:e|ions?)(?::up)?", name)), None) if composer else None
    if composer is None or name is None:
        return None
    shows = Evidence(file=composer.file, line=project.repo.line_of(composer.file, f'"{name}"'), shows=f"scripts.{name}", confidence=0.8)
    return f"composer run {name}", shows
