from pathlib import Path

from layers.trim import trim

NEEDED = (
    "botocore/data/_retry.json",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "lxml/etree.so",
    "lxml-6.dist-info/METADATA",
    "lxml-6.dist-info/entry_points.txt",
    "lxml-6.dist-info/licenses/LICENSE",
    "testing/contest.py",
)
UNUSED = (
    "bin/httpx",
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "icalendar/tests/test_event.py",
    "lxml/etree.pyx",
    "lxml/includes/etree.h",
    "lxml/__pycache__/html.cpython-311.pyc",
    "lxml-6.dist-info/RECORD",
    "wrapt-stubs/__init__.pyi",
)


def test_only_files_that_no_function_reads_are_removed(tmp_path: Path) -> None:
    for name in (*NEEDED, *UNUSED):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    trim(tmp_path)

    remaining = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert remaining == set(NEEDED)
