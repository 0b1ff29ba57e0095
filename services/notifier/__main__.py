from shared.starting import run

if __name__ == "__main__":
    run("services.notifier.main")
