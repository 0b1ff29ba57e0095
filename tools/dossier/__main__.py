import sys

from tools.dossier.main import main

if __name__ == "__main__":
    sys.exit(main())
