"""Who asks: HTTP API, chat window, plain page, widget, desk. None composes text itself; all show the same Answer."""
