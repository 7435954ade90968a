"""How a project is tested and how its style is checked."""

from __future__ import annotations

from opsmith.detectors.php.project import Project

_LINTERS = (
    ("laravel/pint", "vendor/bin/pint --test"),
    ("friendsofphp/php-cs-fixer", "vendor/bin/php-cs-fixer fix --dry-run --diff"),
    ("squizlabs/php_codesniffer", "vendor/bin/phpcs"),
    ("phpstan/phpstan", "vendor/bin/phpstan analyse"),
    ("larastan/larastan", "vendor/bin/phpstan analyse"),
    ("vimeo/psalm", "vendor/bin/psalm"),
)


def test_command(project: Project) -> str | None:
    if project.composer is not None and "test" in project.composer.scripts:
        return "composer test"
    if project.develops_with("pestphp/pest"):
        return "vendor/bin/pest"
    if project.develops_with("symfony/phpunit-bridge") and project.has("bin/phpunit"):
        return "php bin/phpunit"
    return (
        "vendor/bin/phpunit"
        if project.develops_with("phpunit/phpunit") and project.first("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
        else None
    )


def lint_command(project: Project) -> str | None:
    return next((command for package, command in _LINTERS if project.develops_with(package)), None)
