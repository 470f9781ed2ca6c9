"""Studies: code that turns tasks into tables, one folder each, named by the setting `study`."""
