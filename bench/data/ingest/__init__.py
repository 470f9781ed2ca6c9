"""Raw material of a user into evidence tables; what tells people apart is dropped on the way."""
