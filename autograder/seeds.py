"""Random numbers of a course's own: students cannot foresee them, graders can repeat them."""

from __future__ import annotations

import hmac
import os
import secrets

from autograder.course import Course

FILE = ".seed-key"


def seed_for(key: bytes, homework: str, student: str) -> int:
    """Derive from the course's key where the random numbers of a student's tests start."""
    digest = hmac.digest(key, f"{homework}\0{student}".encode(errors="surrogateescape"), "sha256")
    return int.from_bytes(digest[:6], "big")


def course_key(course: Course) -> bytes:
    """Read the course's key; make one the first time."""
    path = course.root / FILE
    if not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            os.link(draft, path)  # whoever is second keeps the first one's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii"))
