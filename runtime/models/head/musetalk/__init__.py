"""MuseTalk and its kind: a photograph's lower face painted anew for what is heard, in one step."""
