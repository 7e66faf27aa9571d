/** The tests of the example about testing run with all others. */
import "../../examples/11_testing/app_test.ts";
