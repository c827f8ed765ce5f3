"""Views in a terminal: every panel is there, and no name steers the terminal."""

from __future__ import annotations

from atlaslens_forwarder.cli.view_tables import plain, print_facts, print_view
from atlaslens_forwarder.views.shown import Cell, ShownPanel, ShownView, Table
from tests.unit.views.made import facts, shown


def test_every_panel_is_printed(capsys):
    for view in shown():
        print_view(view)
        out = capsys.readouterr().out
        assert view.view.description in out
        for each in view.panels:
            assert each.panel.title in out


def test_empty_panels_say_why(capsys):
    for view in shown(lambda _panel: None):
        print_view(view)
        out = " ".join(capsys.readouterr().out.replace("│", " ").split())
        assert all(each.panel.title in out for each in view.panels)


def test_control_characters_are_not_printed(capsys):
    one = shown()[0]
    table = Table(("a",), ((Cell("\x1b]0;owned\x07"),),))
    print_view(ShownView(one.view, (ShownPanel(one.view.panels[-1], table),)))
    assert "\x1b" not in capsys.readouterr().out
    assert plain("a\x1b[2Jb\nc") == "a\N{REPLACEMENT CHARACTER}[2Jb\nc"


def test_the_facts_come_first(capsys):
    print_facts(facts(unheeded=("person",)))
    assert "NOT append-only" in capsys.readouterr().out
