"""Which authority is on which cluster, as a file of the deployment says; and what such a file cannot say."""

from pathlib import Path

import pytest

from shared.placement import placement
from shared.settings import Settings

NORTH = "postgresql://redress:s3cret@north/redress"


def test_without_a_file_everything_is_on_the_main_cluster() -> None:
    assert (placement(None).names, placement(None).cluster("COV")) == (("main",), "main")


def test_an_authority_is_where_the_file_says_and_else_on_the_main_cluster(tmp_path: Path) -> None:
    file = tmp_path / "placement.toml"
    file.write_text(f'[clusters]\nnorth = "{NORTH}"\n[authorities]\nLDS = "north"\nBIR = "main"\n')
    found = placement(file)
    assert found.names == ("main", "north")
    assert [found.cluster(code) for code in ("LDS", "BIR", "COV")] == ["north", "main", "main"]
    settings = Settings(home=tmp_path, placement=file)
    assert settings.url == f"sqlite:///{tmp_path}/redress.db"
    assert (settings.at("north").url, settings.at("north").embedded) == (NORTH, None)
    with pytest.raises(ValueError, match="no cluster south"):
        _ = settings.at("south").url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[authorities]\nLDS = "north"\n', "no such cluster: north"),
        (f'[clusters]\nmain = "{NORTH}"\n', "main is REDRESS_DATABASE_URL"),
        (f'[clusters]\nNorth = "{NORTH}"\n', "pattern"),
        ('[clusters]\nnorth = "mysql://redress:s3cret@north"\n', "pattern"),
        (f'[clusters]\nnorth = "{NORTH}"\n[authorities]\nLeeds = "north"\n', "pattern"),
        (f'[cluster]\nnorth = "{NORTH}"\n', "Extra inputs"),
        (f'[clusters]\nnorth = "{NORTH}\n', "is not TOML"),
    ],
)
def test_a_file_that_places_nothing_is_refused_without_repeating_a_password(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "placement.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said) as refused:
        placement(file)
    assert "s3cret" not in str(refused.value)
