import os

import pytest
from earlier_records import record

from posecfg.datasets.folder import Folder
from posecfg.errors import ConfigError


def ids(path, **arguments):
    return [clip.id for clip in Folder(str(path), **arguments).scan().clips]


def reasons(path, **arguments):
    return {item.name: item.reason for item in Folder(str(path), **arguments).scan().excluded}


def test_films_are_found_in_any_depth_and_case_in_natural_order(tree):
    root = tree("clip10.mp4", "clip2.MOV", "day 1/a.mkv", "day 1/deep/b.WebM", "raw.h264")
    assert ids(root) == ["clip2", "clip10", "day 1/a", "day 1/deep/b", "raw"]


def test_clips_know_path_and_source(tree):
    root = tree("a/b.mp4")
    (clip,) = Folder(str(root)).scan().clips
    assert (clip.id, clip.source, clip.path) == ("a/b", "a/b.mp4", root / "a/b.mp4")


def test_without_recursion_only_the_folder_itself_is_read(tree):
    assert ids(tree("a.mp4", "b/c.mp4"), recursive=False) == ["a"]


def test_the_suffixes_can_be_chosen(tree):
    root = tree("a.mp4", "b.DAT", "c.xyz")
    assert ids(root, extensions=[".dat", "XYZ"]) == ["b", "c"]


def test_other_files_are_counted_by_suffix(tree):
    root = tree("a.mp4", "1.txt", "2.txt", "x/3.txt", "README", "p.png")
    assert reasons(root) == {
        "3 files .txt": "not a video suffix",
        "1 file without a suffix": "not a video suffix",
        "1 file .png": "not a video suffix; dataset.images=true takes folders of images",
    }


def test_hidden_names_and_outputs_of_runs_are_left_out(tree):
    root = tree("a.mp4", ".b.mp4", ".trash/c.mp4", "out/overlay/a.mp4", "out/film.mp4")
    record(root / "out", "film", "overlay/a.mp4")
    assert ids(root) == ["a", "out/film"]
    assert reasons(root) == {"out/overlay/a.mp4": "written by an earlier run"}


@pytest.mark.parametrize("home", [".posecfg/ledger", ".posecfg/clips/a.json", ".posecfg/starts/today/posecfg.log"])
def test_a_folder_that_got_logs_or_damaged_records_is_still_read(tree, home):
    assert ids(tree("a.mp4", home)) == ["a"]
    assert ids(tree("deep/a.mp4", f"deep/{home}")) == ["a", "deep/a"]


@pytest.mark.parametrize(
    "name", ["film (1).mp4", "take [1].mp4", "été 'x', a=b#&.mov", "猫.mp4", "dump.xyz", "still.png", ".h.mp4"]
)
def test_one_file_of_any_name_and_suffix_is_one_clip(tree, name):
    root = tree(name, "other.mp4")
    (clip,) = Folder(str(root / name)).scan().clips
    assert clip.path == root / name
    assert clip.id == name.rpartition(".")[0]


def test_a_relative_path_and_the_home_folder_are_understood(tree, monkeypatch):
    root = tree("a.mp4")
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(root))
    assert ids("a.mp4") == ids(".") == ids("~") == ids("~/*.mp4") == ids("./a.*") == ["a"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.mp4", ["a"]),
        ("**/*.mp4", ["a", "S1/one/cam1", "S1/one/cam2", "S2/one/cam1"]),
        ("**/cam1*", ["S1/one/cam1", "S2/one/cam1"]),
        ("S*", ["S1/one/cam1", "S1/one/cam2", "S2/one/cam1"]),
        ("S[2-9]/**", ["S2/one/cam1"]),
        ("S?/*/cam[1].mp4", ["S1/one/cam1", "S2/one/cam1"]),
        ("**", ["a", "S1/one/cam1", "S1/one/cam2", "S2/one/cam1"]),
        ("*.dat", ["odd"]),
    ],
)
def test_patterns(tree, pattern, expected):
    root = tree("a.mp4", "odd.dat", "S1/one/cam1.mp4", "S1/one/cam2.mp4", "S2/one/cam1.mp4", "out/cam1.mp4")
    record(root / "out", "a", "cam1.mp4")
    assert ids(root / pattern) == expected


def test_a_literal_name_wins_over_its_meaning_as_a_pattern(tree):
    root = tree("take [1]/a.mp4", "take 1/b.mp4")
    assert ids(root / "take [1]") == ["a"]
    assert ids(root / "take [1]" / "*.mp4") == ["a"]
    assert ids(root / "take [1]*" / "*.mp4") == ["take 1/b", "take [1]/a"]


def test_films_of_one_name_keep_their_suffix(tree):
    assert ids(tree("a.mp4", "a.mov", "b.mp4")) == ["a.mov", "a.mp4", "b"]


def test_a_name_that_is_not_unicode_gets_a_readable_id(tree):
    root = tree()
    name = b"caf\xe9.mp4"
    try:
        (root / os.fsdecode(name)).touch()
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (clip,) = Folder(str(root)).scan().clips
    assert clip.id == "caf\\udce9"
    assert clip.source == "caf\\udce9.mp4"
    assert os.fsencode(clip.path.name) == name


def test_line_breaks_and_long_names_become_usable_ids(tree):
    long = "x" * 240 + ".mp4"
    root = tree("a\nb.mp4", long)
    first, second = ids(root)
    assert first == "a\\nb"
    assert second.startswith("x" * 191 + "~")
    assert len(second) == 200


def test_link_loops_end_and_a_folder_reached_twice_is_listed_once(tree):
    root = tree("a/x.mp4", "b/y.mp4")
    (root / "a/back").symlink_to(root)
    (root / "a/to_b").symlink_to(root / "b")
    (root / "b/to_a").symlink_to(root / "a")
    assert ids(root) == ["a/x", "b/y"]
    assert reasons(root)["a/to_b"] == "the same folder as 'b'"
    assert ids(root / "**/*.mp4") == ["a/x", "b/y"]


def test_linked_films_and_folders_from_elsewhere_are_followed(tree, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/x.mp4").touch()
    root = tree("a.mp4")
    (root / "linked").symlink_to(tmp_path / "store")
    (root / "b.mp4").symlink_to(tmp_path / "store/x.mp4")
    assert ids(root) == ["a", "b", "linked/x"]


def test_broken_links_and_pipes_are_told(tree):
    root = tree("a.mp4")
    (root / "gone.mp4").symlink_to(root / "nowhere")
    (root / "self.mp4").symlink_to(root / "self.mp4")
    os.mkfifo(root / "pipe.mp4")
    told = reasons(root)
    assert ids(root) == ["a"]
    assert told["gone.mp4"] == "a broken link"
    assert told["pipe.mp4"] == "not a regular file"
    assert "self.mp4" in told


def test_an_unreadable_folder_is_told_and_the_rest_is_listed(tree, monkeypatch):
    root = tree("a.mp4", "locked/b.mp4")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert ids(root) == ["a"]
    assert reasons(root) == {"locked": "cannot be listed: Permission denied"}


def test_folders_of_images_are_clips_on_request(tree):
    root = tree("walk/1.png", "walk/2.JPG", "walk/notes.txt", "mixed/1.png", "mixed/a.mp4")
    assert ids(root) == ["mixed/a"]
    assert ids(root, images=True) == ["mixed/a", "walk"]
    walk = Folder(str(root), images=True, independent=True).scan().clips[1]
    assert walk.path == root / "walk"
    assert walk.independent
    assert reasons(root, images=True) == {"1 file .txt": "not a video suffix", "1 file .png": "beside films"}


def test_the_folder_itself_can_be_a_clip_of_images(tree):
    root = tree("1.png", "2.png")
    (clip,) = Folder(str(root), images=True).scan().clips
    assert (clip.id, clip.path) == ("films", root)


def test_a_missing_name_is_answered_with_the_nearest(tree):
    root = tree("Take1.mp4")
    with pytest.raises(ConfigError, match=r"Did you mean '.*films/Take1\.mp4'\?"):
        Folder(str(root / "tke1.mp4")).scan()


@pytest.mark.parametrize("path", ["", "a\0b", "nothing/here.mp4", "k" * 5000, "k/" * 3000])
def test_paths_that_cannot_be_are_config_errors(tree, monkeypatch, path):
    monkeypatch.chdir(tree())
    with pytest.raises(ConfigError, match=r"dataset\.path"):
        Folder(path).scan()


def test_an_empty_folder_says_what_was_looked_for_and_found(tree):
    root = tree("1.txt", "2.txt", "p.png")
    with pytest.raises(ConfigError, match=r"\.mp4, .*found 1 file \.png .*images=true.*; 2 files \.txt"):
        Folder(str(root)).scan()
    with pytest.raises(
        ConfigError, match=r"to match a film \(\.mp4, .* and 16 more in dataset\.extensions\).*found nothing"
    ):
        Folder(str(root / "*.mp4")).scan()


def test_a_file_in_the_place_of_a_folder_is_a_config_error(tree):
    root = tree("a.mp4")
    with pytest.raises(ConfigError, match="not a folder"):
        Folder(str(root / "a.mp4" / "b.mp4")).scan()


def test_no_file_is_opened_or_asked_for_its_status(tree, monkeypatch):
    root = tree("a.mp4", "b/c.mp4")
    touched = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **options: touched.append(str(path)) or real(path, **options))
    Folder(str(root)).scan()
    assert not [path for path in touched if path.endswith(".mp4")]


def test_a_pattern_matches_and_a_folder_holds(tree):
    root = tree("notes.txt")
    with pytest.raises(ConfigError, match=r"\*\.avi' to match a film"):
        Folder(f"{root}/*.avi").scan()


@pytest.mark.parametrize("address", ["https://example.com/a.mp4", "rtsp://camera/1"])
def test_an_address_is_to_be_fetched_first(address):
    with pytest.raises(ConfigError, match=r"on this machine, but got .*: fetch it first"):
        Folder(address).scan()


def test_what_is_suggested_is_there(tree):
    root = tree("Take1/a.mp4")
    with pytest.raises(ConfigError, match=r"Did you mean '.*films/Take1'\?"):
        Folder(str(root / "tke1" / "b.mp4")).scan()


@pytest.mark.parametrize("name", ["segments.csv", "segments.TSV"])
def test_a_table_is_no_film(tmp_path, name):
    (tmp_path / name).write_text("VIDEO_NAME,START,END")
    with pytest.raises(ConfigError, match=r"is a table: for the segments that it lists, type dataset=manifest "):
        Folder(str(tmp_path / name)).scan()


def test_a_folder_of_results_without_films_is_to_be_viewed(tree):
    root = tree("a.npy", ".posecfg/run.json")
    with pytest.raises(ConfigError, match=r"holds the results of a run: type posecfg view .* to see them\."):
        Folder(str(root)).scan()
