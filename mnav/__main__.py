"""python -m mnav: the console command."""

from scripts.main import main

main()
