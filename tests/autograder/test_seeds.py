import os
import stat

from autograder.seeds import FILE, course_key, seed_for
from autograder.worker import kernel_seed


def test_seeds_are_the_courses_own_and_stay(course, tmp_path):
    key = course_key(course)
    assert course_key(course) == key
    assert stat.S_IMODE((course.root / FILE).stat().st_mode) == 0o600
    assert os.listdir(course.root).count(FILE) == 1
    seeds = {seed_for(key, "hw01", f"student{n}") for n in range(200)}
    assert len(seeds) == 200
    assert seed_for(key, "hw02", "ada") != seed_for(key, "hw01", "ada")
    assert seed_for(bytes(32), "hw01", "ada") != seed_for(key, "hw01", "ada")


def test_a_kernels_numbers_do_not_start_where_those_of_its_tests_do():
    assert kernel_seed(7) != 7
    assert kernel_seed(7) == kernel_seed(7)
