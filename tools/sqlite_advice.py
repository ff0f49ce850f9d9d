"""What to do about an SQLite file that can't be used, by what SQLite says about it."""

ADVICE = {
    "locked": "something held it for more than 2 s: stop it",
    "readonly": "give the user that runs Kefu the right to write the file and its folder",
    "unable to open": "create the folder and give the user that runs Kefu the right to write it",
    "full": "free space on its disk",
    "disk i/o": "check its disk, and that it is not a network share",
    "malformed": "restore the file from a backup, or move it away to start empty",
    "not a database": "restore the file from a backup, or move it away to start empty",
    "no such": "its tables are from another version: move the file away, or migrate it",
}


def advice(trouble: object, otherwise: str = "check the folder's rights") -> str:
    """Return what mends `trouble`, an error or its text."""
    said = str(trouble).lower()
    return next((what for sign, what in ADVICE.items() if sign in said), otherwise)
