"""``python -m newsletter.i18n``: brings the catalogues up to date and lists what is still to be translated (exit 1 then)."""

from __future__ import annotations

import sys

from newsletter.i18n.extraction import extract, update


def main() -> int:
    missing = update(extract())
    for gap in missing:
        sys.stdout.write(f"{gap.locale}: {gap.why}: {gap.text}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
