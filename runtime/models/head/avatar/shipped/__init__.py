"""The files of the avatars that ship; see `training/head/avatars`."""
