"""Write into web/offline/verify.html the hashes of its own style and script.

python -m tools.offline, after every change of the page: its policy lets nothing else run.
"""

from remelt.web.offline_page import PAGE, hashes


def main() -> None:
    """Write the policy anew."""
    text = PAGE.read_text("utf-8")
    told = hashes(text)
    policy = f"default-src 'none'; style-src '{told['style']}'; script-src '{told['script']}'"
    head, _, rest = text.partition('http-equiv="Content-Security-Policy" content="')
    tail = rest.partition('"')[2]
    PAGE.write_text(f'{head}http-equiv="Content-Security-Policy" content="{policy}"{tail}', "utf-8")


if __name__ == "__main__":
    main()
