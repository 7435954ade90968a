from worker import confirm


def test_confirm(capsys):
    confirm(7)
    assert capsys.readouterr().out == "order 7 confirmed\n"
