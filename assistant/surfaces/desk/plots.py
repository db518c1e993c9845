"""Small plots as inline SVG, without inline styles: colours come from the stylesheet's classes."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from assistant.desk.figures import Day

OUTCOMES = ("answered", "partial", "clarify", "declined", "other")
WIDTH, HEIGHT, LEFT, BOTTOM = 720, 220, 34, 22


def trend(weeks: Sequence[int], label: str) -> Markup:
    """The weeks of a gap as bars."""
    most = max(*weeks, 1)
    bars = "".join(
        f'<rect class="bar{" now" if n == len(weeks) - 1 else ""}" x="{n * 9}" y="{24 - round(22 * value / most) if value else 23}" width="7" height="{max(1, round(22 * value / most))}"/>'
        for n, value in enumerate(weeks)
    )
    return Markup(  # noqa: S704 - numbers and an escaped label
        f'<svg class="trend" role="img" aria-label="{escape(label)}" viewBox="0 0 {len(weeks) * 9} 24" width="{len(weeks) * 9}" height="24">{bars}</svg>'
    )


def stacked_days(days: Sequence[Day], label: str, spoken: Callable[[str], str]) -> Markup:
    """The questions of each day, stacked by what became of them; `spoken` shortens a day for the axis."""
    most = max([d.total for d in days] + [1])
    step = _nice_step(most)
    top = step * -(-most // step)
    wide = (WIDTH - LEFT) / max(len(days), 1)
    high = HEIGHT - BOTTOM - 8
    parts: list[str] = []
    for value in range(0, top + 1, step):
        y = HEIGHT - BOTTOM - high * value / top
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/><text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
        )
    every = max(1, -(-len(days) // 8))
    for n, day in enumerate(days):
        x, y = LEFT + n * wide, float(HEIGHT - BOTTOM)
        for outcome in OUTCOMES:
            height = high * day.outcomes.get(outcome, 0) / top
            if height:
                y -= height
                parts.append(
                    f'<rect class="{outcome}" x="{x + wide * 0.1:.1f}" y="{y:.1f}" width="{wide * 0.8:.1f}" height="{height:.1f}"/>'
                )
        if n % every == 0:
            parts.append(
                f'<text class="tick" x="{x + wide / 2:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(spoken(day.day))}</text>'
            )
    return Markup(  # noqa: S704 - numbers and an escaped label
        f'<svg class="plot" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'
    )


def shares(outcomes: Mapping[str, int], label: str) -> Markup:
    """One bar of shares, by what became of the questions."""
    total = sum(outcomes.values()) or 1
    x, rects = 0.0, ""
    for name in OUTCOMES:
        width = 300 * outcomes.get(name, 0) / total
        if width:
            rects += f'<rect class="{name}" x="{x:.1f}" y="0" width="{width:.1f}" height="16"/>'
        x += width
    return Markup(  # noqa: S704 - numbers and an escaped label
        f'<svg class="shares" role="img" aria-label="{escape(label)}" viewBox="0 0 300 16" preserveAspectRatio="none">{rects}</svg>'
    )


def _nice_step(most: int) -> int:
    step = 1
    while most / step > 5:
        step = step * 2 if str(step)[0] == "1" else step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step
