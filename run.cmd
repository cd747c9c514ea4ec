@echo off
rem The one command on Windows, twin of "run": prepares the machine and runs the program or its tests.
rem   run demo, run watch DEVICE PORT, ...   the program (main.py) with these words; without a word: the window
rem   run test [pytest args]                 all checks, or pytest alone with these arguments
rem   run bench [NAME], run setup
setlocal EnableExtensions DisableDelayedExpansion
set "here=%~dp0"
set "venv=%here%.venv"
set "python=%venv%\Scripts\python.exe"
set "stamps=%venv%\.locks"
set "word=%~1"
set "lock=run"
if /i "%word%"=="test" set "lock=test"
if /i "%word%"=="bench" set "lock=test"
if /i "%word%"=="setup" set "lock=test"
if /i "%word%"=="encrypt" set "lock=encrypted"
if /i "%word%"=="decrypt" set "lock=encrypted"

rem An environment without stamps is half made, whatever it holds: it is thrown away.
if not exist "%stamps%\made" goto make
"%python%" -I -S -c "pass" >nul 2>&1
if errorlevel 1 goto make
fc /b "%here%requirements\%lock%.txt" "%stamps%\%lock%.txt" >nul 2>&1
if not errorlevel 1 goto ready
echo run: the package list has changed, installing 1>&2
rmdir /s /q "%stamps%"
goto install

:make
set "base="
for %%v in (3.13 3.12 3.11 3.14) do if not defined base (
    py -%%v -c "import venv" >nul 2>&1 && set "base=py -%%v"
)
if not defined base (
    python -c "import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))" >nul 2>&1 && set "base=python"
)
if not defined base (
    echo run: needs Python 3.11, 3.12, 3.13 or 3.14; none was found, please install one from python.org 1>&2
    exit /b 1
)
echo run: making the environment, once, one or two minutes 1>&2
if exist "%venv%" rmdir /s /q "%venv%"
%base% -m venv "%venv%"
if errorlevel 1 (
    echo run: could not make %venv% 1>&2
    exit /b 1
)

:install
"%python%" -m pip install -q --disable-pip-version-check --no-input --require-hashes -r "%here%requirements\%lock%.txt"
if errorlevel 1 (
    echo run: the packages could not be installed, see above; run the same command again to retry 1>&2
    exit /b 1
)
mkdir "%stamps%"
copy /y /b "%here%requirements\run.txt" "%stamps%\run.txt" >nul
if not "%lock%"=="run" copy /y /b "%here%requirements\encrypted.txt" "%stamps%\encrypted.txt" >nul
if "%lock%"=="test" copy /y /b "%here%requirements\test.txt" "%stamps%\test.txt" >nul
echo made> "%stamps%\made"

:ready
if /i "%word%"=="setup" (
    echo run: everything is in place 1>&2
    exit /b 0
)
if /i "%word%"=="test" goto test
if /i "%word%"=="bench" goto bench
"%python%" "%here%main.py" %*
exit /b %errorlevel%

:test
pushd "%here%"
set "PYTHONDONTWRITEBYTECODE="
if not "%~2"=="" goto pytest
set "failed="
"%python%" -m ruff check . || set "failed=%failed% ruff"
"%python%" -m ruff format --check . || call set "failed=%%failed%% format"
"%python%" -m mypy || call set "failed=%%failed%% mypy"
"%python%" -c "from importlinter.cli import lint_imports_command as check; check()" --no-logo || call set "failed=%%failed%% layers"
"%python%" -m pytest -q -n 2 --dist worksteal || call set "failed=%%failed%% pytest"
popd
if defined failed (
    echo run: failed:%failed% 1>&2
    exit /b 1
)
exit /b 0

:pytest
call :tail %*
"%python%" -m pytest %rest%
set "code=%errorlevel%"
popd
exit /b %code%

:bench
pushd "%here%"
call :tail %*
"%python%" -m tests.bench %rest%
set "code=%errorlevel%"
popd
exit /b %code%

rem Everything after the first word, as it was typed.
:tail
set "rest="
:next
shift /1
if "%~1"=="" exit /b 0
set "rest=%rest% %1"
goto next
