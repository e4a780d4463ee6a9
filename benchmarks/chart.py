"""A line chart as SVG, drawn by hand: what is measured beside the number of cases, as a multiple of the first."""

from math import log10

WIDTH, HEIGHT = 860, 470
LEFT, RIGHT, TOP, BOTTOM = 80, 270, 70, 70
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b08900", "#3f9bd6", "#8a6fd1", "#7a7a7a", "#c0392b")
APART = 17
"""Pixels from the foot of a label to the next."""

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .grid { stroke: #3d444d; } }
"""


def drawn(lines: dict[str, dict[int, float]]) -> str:
    """The chart of some measures: of each, its multiple at each number of cases."""
    sizes = sorted({size for line in lines.values() for size in line})
    top = max(2.0, *(value for line in lines.values() for value in line.values())) * 1.05
    title = "What a register of more cases takes, as a multiple of what the smallest takes"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{title}</title>',
        f'<desc id="d">{_told(lines)}</desc>',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="30">{title}</text>',
        *(_across(value, top) for value in _steps(top)),
        *(_up(size, sizes) for size in sizes),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 20, "cases in the register (each step ten times as many)", "middle"),
        f'<text x="20" y="{TOP - 16}">times as much</text>',
        *_lines(lines, sizes, top),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _told(lines: dict[str, dict[int, float]]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{value:.2f} at {size:,}" for size, value in line.items())
        for name, line in lines.items()
    )


def _steps(top: float) -> list[float]:
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if top / step <= 8)
    return [n * step for n in range(int(top / step) + 1)]


def _x(size: int, sizes: list[int]) -> float:
    width = log10(sizes[-1] / sizes[0]) or 1
    return LEFT + (WIDTH - LEFT - RIGHT) * log10(size / sizes[0]) / width


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _across(value: float, top: float) -> str:
    y = _y(value, top)
    line = f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
    return line + _text(LEFT - 10, y + 4, f"{value:g}", "end")


def _up(size: int, sizes: list[int]) -> str:
    return _text(_x(size, sizes), HEIGHT - BOTTOM + 22, f"{size:,}", "middle")


def _lines(lines: dict[str, dict[int, float]], sizes: list[int], top: float) -> list[str]:
    """Each line with its label at its end; labels that would overlap are moved apart."""
    parts = []
    last = sizes[-1]
    foot = float("inf")
    for (name, line), colour in sorted(zip(lines.items(), COLOURS, strict=False), key=lambda each: each[0][1][last]):
        points = " ".join(f"{_x(size, sizes):.1f},{_y(value, top):.1f}" for size, value in line.items())
        parts.append(f'<polyline class="line" stroke="{colour}" points="{points}"/>')
        foot = min(_y(line[last], top) + 4, foot - APART)
        x = WIDTH - RIGHT + 12
        parts.append(
            f'<line class="line" stroke="{colour}" x1="{x}" y1="{foot - 4:.1f}" x2="{x + 14}" y2="{foot - 4:.1f}"/>'
        )
        parts.append(_text(x + 20, foot, f"{name}: {line[last]:.2f}", "start"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
