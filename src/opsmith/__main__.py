from opsmith.cli.main import script

script()
