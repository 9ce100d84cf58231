"""Faults around the function: its execution role and its concurrency."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, Complaint, fault
from wizard.sandbox.world import FUNCTION, ROLE, ROLE_POLICY, World

_FUNCTION, _SERVICE = "lambda-function", "lambda-service"


@fault("lambda-execution-role-denied", _FUNCTION, "The policy of the execution role was deleted", api=BOTH)
def policy_deleted(world: World) -> None:
    world.release()
    world.client("iam").delete_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY)


@fault("lambda-execution-role-denied.caught", _FUNCTION, "The role may not read, the function hides it behind a 500")
def denial_caught(world: World) -> None:
    read = "    order = find_order(order_id)\n"
    careful = (
        "    try:\n        order = find_order(order_id)\n"
        "    except dynamodb.exceptions.ClientError as error:\n"
        '        print(f"ERROR {error}")\n'
        '        return answer(500, {"message": "Orders cannot be read at the moment"})\n'
    )
    world.release((read, careful))
    world.client("iam").delete_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY)


@fault("lambda-execution-role-denied.action", _FUNCTION, "The role may write orders but no longer read them")
def write_only(world: World) -> None:
    world.release()
    world.allow_table(["PutItem"])


@fault("lambda-execution-role-denied.table", _FUNCTION, "The function was pointed to a table outside its role")
def other_table(world: World) -> None:
    world.release(Environment={"Variables": {"TABLE_NAME": "shop-orders-archive"}})


@fault("lambda-reserved-concurrency-zero", _SERVICE, "Somebody pressed the throttle button of the function", api=BOTH)
def throttle_button(world: World) -> None:
    _reserve(world, 0)


@fault("lambda-throttled", _SERVICE, "One reserved execution for all customers of the shop", Complaint.RUSH, api=BOTH)
def one_at_a_time(world: World) -> None:
    _reserve(world, 1)


@fault("lambda-throttled.slow", _SERVICE, "A slow release uses up the two reserved executions", Complaint.RUSH)
def slow_release(world: World) -> None:
    find = "    found = dynamodb.get_item("
    world.release((find, f"    import time\n\n    time.sleep(0.4)  # reindex\n{find}"))
    _reserve(world, 2)


def _reserve(world: World, executions: int) -> None:
    world.client("lambda").put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=executions)
